/**
 * Objects over time: what files hold now, the last good version of what is broken, generations and ages.
 * One bad object or file never takes others with it, and the order or splitting of files never matters.
 */
import { Failure, formatPlace } from '../../base/index.ts'
import {
  checkObject,
  type CheckedObject,
  type CheckOptions,
  type Identity,
  type ObjectContent,
} from './checked-object.ts'
import type { ConfigFiles } from './config-files.ts'
import type { Diagnostic } from './diagnostic.ts'
import { describeImpliedNamespaces } from './implied-namespaces.ts'
import { newManifestReader, type Manifest, type ManifestReader, type RawObject } from './manifest.ts'
import { keyOf, newObjectSet } from './object-set.ts'
import type { KubeObject, ObjectSet } from './object.ts'

export interface LoadedObjects {
  readonly objects: ObjectSet
  /** all of them, in no order */
  readonly all: readonly KubeObject[]
  readonly diagnostics: readonly Diagnostic[]
}

export interface ObjectStoreOptions extends CheckOptions {
  /** when objects were first seen, by key; changed as objects come and go */
  readonly ages: Map<string, number>
  /** milliseconds since 1970 */
  readonly now: () => number
}

export interface ObjectStore {
  readonly load: (files: ConfigFiles) => Promise<LoadedObjects>
}

interface Stored {
  readonly object: KubeObject
  readonly content: ObjectContent
  readonly raw: RawObject
  /** the spec and everything beside it, as text */
  readonly fingerprint: string
}

export function newObjectStore(options: ObjectStoreOptions): ObjectStore {
  const readers = new Map<string, ManifestReader>()
  const lastRead = new Map<string, Manifest>()
  const checks = new WeakMap<RawObject, Promise<CheckedObject>>()
  let stored = new Map<string, Stored>()
  const check = async (raw: RawObject): Promise<CheckedObject> => {
    const known = checks.get(raw) ?? checkObject(raw, options)
    checks.set(raw, known)
    return known
  }
  return {
    async load({ files, problems, unread }) {
      const now = options.now()
      const diagnostics: Diagnostic[] = [...problems]
      const isUnread = (path: string) => unread.some((each) => path === each || path.startsWith(`${each}/`))
      const present = new Set([...files.map(({ path }) => path), ...lastRead.keys().filter(isUnread)])
      for (const path of lastRead.keys())
        if (!present.has(path)) {
          lastRead.delete(path)
          readers.delete(path)
        }
      for (const { path, text } of files) {
        const reader = readers.get(path) ?? newManifestReader(path)
        readers.set(path, reader)
        try {
          const manifest = reader(text)
          lastRead.set(path, manifest)
          diagnostics.push(...manifest.diagnostics)
        } catch (error) {
          if (!(error instanceof Failure)) throw error
          diagnostics.push(...syntaxErrors(error, path, lastRead.has(path)))
        }
      }
      const raws = [...present].flatMap((path) => lastRead.get(path)?.objects ?? [])
      const checked = await Promise.all(raws.map(check))
      const { chosen, doubles } = chooseOwners(checked, stored)
      diagnostics.push(...doubles)
      const next = new Map<string, Stored>()
      for (const [key, candidate] of chosen) {
        const before = stored.get(key)
        const told = candidate.diagnose()
        const entry = candidate.content
          ? storedFrom(
              { raw: candidate.raw, identity: candidate.identity!, content: candidate.content, before },
              now,
              options.ages,
            )
          : before
        if (entry) next.set(key, entry)
        diagnostics.push(
          ...(candidate.content ? told : told.map((each) => withFate(each, before !== undefined))),
        )
      }
      for (const each of checked) if (!each.identity) diagnostics.push(...each.diagnose())
      for (const key of options.ages.keys()) if (!next.has(key)) options.ages.delete(key)
      stored = next
      const all = [...next.values()].map(({ object }) => object)
      const objects = newObjectSet(all)
      diagnostics.push(...describeImpliedNamespaces(objects, all, options.namespace))
      return { objects, all, diagnostics }
    },
  }
}

/** The object that each identity stands for: the one that stood for it before, else the first. */
function chooseOwners(
  checked: readonly CheckedObject[],
  stored: ReadonlyMap<string, Stored>,
): { chosen: Map<string, CheckedObject>; doubles: Diagnostic[] } {
  const chosen = new Map<string, CheckedObject>()
  const doubles: Diagnostic[] = []
  const groups = Map.groupBy(
    checked.filter(({ identity }) => identity),
    ({ identity }) => keyOf(identity!.groupKind, identity!),
  )
  for (const [key, group] of groups) {
    const before = stored.get(key)?.raw
    const owner =
      group.find(({ raw }) => raw === before) ??
      group.find(({ raw }) => before !== undefined && raw.file === before.file) ??
      group[0]!
    chosen.set(key, owner)
    for (const other of group) if (other !== owner) doubles.push(double(other, owner))
  }
  return { chosen, doubles }
}

function double({ raw, identity }: CheckedObject, owner: CheckedObject): Diagnostic {
  const title = titleOf(identity!)
  return {
    severity: 'error',
    rule: 'duplicate-object',
    message: `${title} is written twice; this one has no effect, the one at ${formatPlace(owner.raw.placeOf(['metadata', 'name']))} has`,
    at: raw.placeOf(['metadata', 'name']),
    hint: 'remove one of the two, or give them different names or namespaces',
    object: title,
  }
}

interface NewVersion {
  readonly raw: RawObject
  readonly identity: Identity
  readonly content: ObjectContent
  readonly before: Stored | undefined
}

function storedFrom(
  { raw, identity, content, before }: NewVersion,
  now: number,
  ages: Map<string, number>,
): Stored {
  if (before?.raw === raw) return before
  const key = keyOf(identity.groupKind, identity)
  const fingerprint = JSON.stringify([content.spec, content.rest])
  const generation = before
    ? before.object.metadata.generation + (before.fingerprint === fingerprint ? 0 : 1)
    : 1
  const seen = ages.get(key) ?? now
  ages.set(key, seen)
  const object: KubeObject = {
    apiVersion: content.apiVersion,
    kind: identity.kind.kind,
    metadata: {
      name: identity.name,
      namespace: identity.namespace,
      labels: content.labels,
      annotations: content.annotations,
      generation,
      created: content.created ?? seen,
    },
    spec: content.spec,
    rest: content.rest,
    placeOf: (path = []) => raw.placeOf(path),
  }
  return { object, content, raw, fingerprint }
}

function titleOf({ kind, namespace, name }: Identity): string {
  return `${kind.kind} ${namespace === '' ? name : `${namespace}/${name}`}`
}

/** What an error means for the object. */
function withFate(diagnostic: Diagnostic, hasLastGood: boolean): Diagnostic {
  if (diagnostic.severity !== 'error') return diagnostic
  const fate = hasLastGood ? 'its last good version stays in effect' : 'it has no effect'
  return { ...diagnostic, message: `${diagnostic.message}; ${fate}` }
}

function syntaxErrors(failure: Failure, file: string, hasLastGood: boolean): Diagnostic[] {
  const fate = hasLastGood ? '; what the file held before stays in effect' : ''
  return [failure, ...failure.others].map(({ message, at, hint }) => ({
    severity: 'error',
    rule: 'syntax',
    message: `${message}${fate}`,
    at: at ?? { file, line: 1, column: 1 },
    ...(hint !== undefined && { hint }),
  }))
}
