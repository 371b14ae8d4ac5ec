/**
 * Writes src/kube/schema/kubernetes.json: what the kinds that Kubernetes brings look like, out of the OpenAPI document
 * that its Go module holds. Run it when the version of `kubernetes` in test/support/go-programs.ts moves.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kubernetes } from '../test/support/go-programs.ts'

interface Definition {
  readonly type?: string
  readonly format?: string
  readonly $ref?: string
  readonly default?: unknown
  readonly items?: Definition
  readonly properties?: Readonly<Record<string, Definition>>
  readonly additionalProperties?: Definition
  readonly required?: readonly string[]
  readonly 'x-kubernetes-list-type'?: 'map' | 'set' | 'atomic'
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular'
  readonly 'x-kubernetes-group-version-kind'?: readonly GroupVersionKind[]
}

interface GroupVersionKind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

interface Operation {
  readonly 'x-kubernetes-action'?: string
  readonly 'x-kubernetes-group-version-kind'?: GroupVersionKind
}

/** Groups that packages render objects of; alpha and beta versions are left to the cluster. */
const groups = new Set([
  '',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'apps',
  'autoscaling',
  'batch',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
])

const document = readDocument()
const numbers = new Map<string, number>()
const types: unknown[] = []
const kinds: Record<string, unknown> = {}

for (const [path, operations] of Object.entries(document.paths)) {
  const { post } = operations
  const named = post?.['x-kubernetes-group-version-kind']
  if (post?.['x-kubernetes-action'] !== 'post' || !named) continue
  const { group, version, kind } = named
  const resource = path.split('/').at(-1) ?? ''
  if (!groups.has(group) || !/^v\d+$/.test(version) || resource.includes('{')) continue
  const name = nameOf(named)
  if (name === undefined) continue
  const apiVersion = group === '' ? version : `${group}/${version}`
  const key = `${apiVersion}/${kind}`
  const namespaced = path.includes('/namespaces/{namespace}/')
  // `/apis/x/v1/pods` and `/apis/x/v1/namespaces/{namespace}/pods` are one; the second alone takes POST
  if (path.split('/').at(-2)?.startsWith('{') && !path.endsWith(`{namespace}/${resource}`)) continue
  kinds[key] = { resource, namespaced, type: numberOf(name) }
}

writeFileSync(
  new URL('../src/kube/schema/kubernetes.json', import.meta.url),
  [
    `{"version":${JSON.stringify(kubernetes.version)},`,
    `"kinds":{\n${Object.entries(kinds)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
      .join(',\n')}\n},`,
    `"types":[\n${types.map((type) => JSON.stringify(type)).join(',\n')}\n]}\n`,
  ].join('\n'),
)
console.log(`${Object.keys(kinds).length} kinds, ${types.length} types`)

function nameOf({ group, version, kind }: GroupVersionKind): string | undefined {
  return Object.entries(document.definitions).find(([, definition]) =>
    definition['x-kubernetes-group-version-kind']?.some(
      (one) => one.group === group && one.version === version && one.kind === kind,
    ),
  )?.[0]
}

function numberOf(name: string): number {
  const known = numbers.get(name)
  if (known !== undefined) return known
  const number = types.length
  numbers.set(name, number)
  types.push(undefined)
  types[number] = structOf(document.definitions[name] ?? {})
  return number
}

/** `fields`, and where they are not empty `required`, `defaults`, and `atomic` for a struct that has one owner. */
function structOf(definition: Definition): unknown {
  const fields = Object.entries(definition.properties ?? {})
  const defaults = fields.filter(([, field]) => isPlain(field.default))
  return {
    fields: Object.fromEntries(fields.map(([name, field]) => [name, shapeOf(field)])),
    ...(definition.required && { required: definition.required }),
    ...(defaults.length > 0 && {
      defaults: Object.fromEntries(defaults.map(([name, field]) => [name, field.default])),
    }),
    ...(definition['x-kubernetes-map-type'] === 'atomic' && { atomic: true }),
  }
}

/** What Go makes of a field without a value is no default. */
function isPlain(value: unknown): boolean {
  const isZero = value === '' || value === 0 || value === false
  return !isZero && ['string', 'number', 'boolean'].includes(typeof value)
}

/** A shape is a word, the number of a struct, or a list of the word `list`, `set`, `keyed`,
 * `map` or `atomicMap` and its items. */
function shapeOf(definition: Definition): unknown {
  if (definition.$ref !== undefined) return refShape(definition.$ref.replace('#/definitions/', ''))
  if (definition.type === 'array') return listShape(definition)
  if (definition.additionalProperties) {
    const type = definition['x-kubernetes-map-type'] === 'atomic' ? 'atomicMap' : 'map'
    return [type, shapeOf(definition.additionalProperties)]
  }
  if (definition.properties) throw new Error('a struct without a name')
  if (definition.type === 'object' || definition.type === undefined) return 'any'
  if (definition.format === 'int-or-string') return 'intOrString'
  return definition.type
}

function refShape(name: string): unknown {
  const target = document.definitions[name] ?? {}
  if (name.endsWith('.resource.Quantity')) return 'quantity'
  if (target.properties) return numberOf(name)
  // JSONSchemaProps is one of those that may be anything.
  return shapeOf({ ...target })
}

function listShape(definition: Definition): unknown {
  const item = shapeOf(definition.items ?? {})
  const type = definition['x-kubernetes-list-type'] ?? 'atomic'
  if (type === 'map') return ['keyed', item, ...(definition['x-kubernetes-list-map-keys'] ?? [])]
  return [type === 'set' ? 'set' : 'list', item]
}

/** The older document, which knows addresses, does not know defaults. */
function addDefaults(
  definitions: Record<string, { readonly properties?: Record<string, { default?: unknown }> }>,
  schemas: Readonly<Record<string, Definition>>,
): void {
  for (const [name, { properties = {} }] of Object.entries(schemas)) {
    for (const [field, { default: value }] of Object.entries(properties)) {
      const own = definitions[name]?.properties?.[field]
      if (own && isPlain(value)) own.default = value
    }
  }
}

function readDocument(): {
  readonly definitions: Readonly<Record<string, Definition>>
  readonly paths: Readonly<Record<string, { readonly post?: Operation }>>
} {
  const folder = mkdtempSync(join(tmpdir(), 'kube-schema-'))
  try {
    writeFileSync(join(folder, 'go.mod'), 'module schema\n\ngo 1.26\n')
    const source = `k8s.io/kubernetes@${kubernetes.version}`
    const options = { cwd: folder, encoding: 'utf8' } as const
    const { Dir } = JSON.parse(execFileSync('go', ['mod', 'download', '-json', source], options))
    const specs = join(Dir, 'api/openapi-spec')
    const document = JSON.parse(readFileSync(join(specs, 'swagger.json'), 'utf8'))
    for (const file of readdirSync(join(specs, 'v3'))) {
      const { components } = JSON.parse(readFileSync(join(specs, 'v3', file), 'utf8'))
      addDefaults(document.definitions, components?.schemas ?? {})
    }
    return document
  } finally {
    rmSync(folder, { recursive: true })
  }
}
