/** What a case of the suite can do and see, whether on the translator alone or on a running gateway. */
import assert from 'node:assert/strict'
import type { Condition } from '../../../src/gateway/translate/status.ts'
import { infra, type KubeManifest } from './objects.ts'

export interface World {
  /** Writes objects, new or changed, and waits until they have effect. */
  readonly apply: (...objects: readonly KubeManifest[]) => Promise<void>
  readonly remove: (kind: string, key: string) => Promise<void>
  readonly find: (kind: string, key: string) => Found | undefined
}

export interface Found {
  readonly manifest: KubeManifest
  readonly generation: number
  readonly status: Status
}

interface Status {
  readonly conditions?: readonly Condition[]
  readonly listeners?: readonly ListenerStatus[]
  readonly parents?: readonly ParentStatus[]
  readonly ancestors?: readonly (ParentStatus & { readonly ancestorRef: Reference })[]
  readonly addresses?: readonly { readonly type: string; readonly value: string }[]
  readonly attachedListenerSets?: number
  readonly supportedFeatures?: readonly { readonly name: string }[]
}

interface ListenerStatus {
  readonly name: string
  readonly supportedKinds: readonly { readonly kind: string }[]
  readonly attachedRoutes: number
  readonly conditions: readonly Condition[]
}

interface ParentStatus {
  readonly parentRef: Reference
  readonly controllerName: string
  readonly conditions: readonly Condition[]
}

interface Reference {
  readonly kind: string
  readonly name: string
  readonly namespace: string
  readonly sectionName?: string
}

export interface ExpectedListener {
  /** each must be among the supported ones; an empty list must be empty */
  readonly kinds?: readonly string[]
  readonly attached?: number
  /** `Accepted=True`, `ResolvedRefs=False/RefNotPermitted` */
  readonly conditions?: readonly string[]
}

/** `name` is of namespace `infra`, `other/name` is not. */
export function keyOf(name: string): string {
  return name.includes('/') ? name : `${infra}/${name}`
}

export function find(world: World, kind: string, name: string): Found {
  const found = world.find(kind, kind === 'GatewayClass' ? `/${name}` : keyOf(name))
  assert.ok(found, `${kind} ${name} has a status`)
  return found
}

/** `Type=Status` or `Type=Status/Reason`, at the object's own generation. */
export function hasCondition(conditions: readonly Condition[], wanted: string, generation: number): void {
  const [, type, status, reason] = /^(\w+)=(\w+)(?:\/(\w+))?$/.exec(wanted) ?? []
  const found = conditions.find((condition) => condition.type === type)
  assert.ok(found, `there is a condition ${type}`)
  const shown = `${found.type}=${found.status}${reason === undefined ? '' : `/${found.reason}`}`
  assert.equal(shown, `${type}=${status}${reason === undefined ? '' : `/${reason}`}`, found.message)
  assert.equal(found.observedGeneration, generation, 'observedGeneration')
}

/** Conditions of a GatewayClass, Gateway or ListenerSet. */
export function expectObject(
  world: World,
  kind: string,
  name: string,
  ...conditions: readonly string[]
): void {
  const { status, generation } = find(world, kind, name)
  for (const wanted of conditions) hasCondition(status.conditions ?? [], wanted, generation)
}

/** Every condition of an object, its listeners' and parents' too, is of its present generation. */
export function expectLatest(world: World, kind: string, name: string): number {
  const { status, generation } = find(world, kind, name)
  const parts = [...(status.listeners ?? []), ...(status.parents ?? []), ...(status.ancestors ?? [])]
  const all = [...(status.conditions ?? []), ...parts.flatMap(({ conditions }) => conditions)]
  assert.ok(all.length > 0, `${kind} ${name} has conditions`)
  for (const { type, observedGeneration } of all) {
    assert.equal(observedGeneration, generation, `observedGeneration of ${type}`)
  }
  return generation
}

/** All listeners of a Gateway or ListenerSet, by name. */
export function expectListeners(
  world: World,
  [kind, name]: readonly [kind: 'Gateway' | 'ListenerSet', name: string],
  expected: Readonly<Record<string, ExpectedListener>>,
): void {
  const { status, generation } = find(world, kind, name)
  const listeners = status.listeners ?? []
  assert.deepEqual(listeners.map((listener) => listener.name).toSorted(), Object.keys(expected).toSorted())
  for (const listener of listeners) {
    const { kinds, attached, conditions = [] } = expected[listener.name] ?? {}
    const supported = listener.supportedKinds.map((supportedKind) => supportedKind.kind)
    if (kinds?.length === 0) assert.deepEqual(supported, [], `kinds of ${listener.name}`)
    for (const wanted of kinds ?? [])
      assert.ok(supported.includes(wanted), `${listener.name} supports ${wanted}`)
    if (attached !== undefined) assert.equal(listener.attachedRoutes, attached, `routes of ${listener.name}`)
    for (const wanted of conditions) hasCondition(listener.conditions, wanted, generation)
  }
}

/** Conditions of a route for a parent, found by its name, `ListenerSet:name` or with `#section`. */
export function expectRoute(
  world: World,
  [kind, name]: readonly [kind: string, name: string],
  parent: string,
  ...conditions: readonly string[]
): void {
  const { status, generation } = find(world, kind, name)
  const [, parentKind = 'Gateway', parentName, section] = /^(?:(\w+):)?([^#]+)(?:#(.+))?$/.exec(parent) ?? []
  const found = status.parents?.find(
    ({ parentRef }) =>
      parentRef.kind === parentKind &&
      `${parentRef.namespace}/${parentRef.name}` === keyOf(parentName ?? '') &&
      (section === undefined || parentRef.sectionName === section),
  )
  assert.ok(found, `${kind} ${name} has a status for ${parent}`)
  for (const wanted of conditions) hasCondition(found.conditions, wanted, generation)
}

/** Conditions of a BackendTLSPolicy for a Gateway. */
export function expectPolicy(
  world: World,
  name: string,
  gateway: string,
  ...conditions: readonly string[]
): void {
  const { status, generation } = find(world, 'BackendTLSPolicy', name)
  const found = status.ancestors?.find(
    ({ ancestorRef }) => `${ancestorRef.namespace}/${ancestorRef.name}` === keyOf(gateway),
  )
  assert.ok(found, `BackendTLSPolicy ${name} has a status for ${gateway}`)
  for (const wanted of conditions) hasCondition(found.conditions, wanted, generation)
}

/** An object with a changed spec. */
export function changed(
  world: World,
  kind: string,
  name: string,
  change: (spec: never) => object,
): KubeManifest {
  const { manifest } = find(world, kind, name)
  return { ...manifest, spec: { ...(manifest.spec as object), ...change(manifest.spec as never) } }
}

export const accepted = ['Accepted=True', 'ResolvedRefs=True', 'Programmed=True']
