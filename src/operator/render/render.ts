/** From an installation to its objects. Pure: no cluster, no clock, no files; the same input gives the same bytes. */
import { createHash } from 'node:crypto'
import { Failure } from '../../base/index.ts'
import type { KubeObject, KubeSchema } from '../../kube/index.ts'
import { checkSchema } from '../../yaml/index.ts'
import type { Installation } from '../installation/installation.ts'
import { applyOverlays } from '../overlay/apply-overlays.ts'
import type { Package } from '../package/package.ts'
import { checkObjects, findWarnings } from './check-objects.ts'
import { withConfigHashes } from './config-hash.ts'
import { compareObjects } from './waves.ts'

export interface RenderOptions {
  readonly schema: KubeSchema
  /** for installations that do not name theirs */
  readonly namespace: string
}

export interface Rendered {
  readonly namespace: string
  /** in the order in which they are applied; objects of namespaces name theirs */
  readonly objects: readonly KubeObject[]
  /** `sha256:` of the objects as canonical JSON */
  readonly digest: string
  readonly warnings: readonly string[]
}

/** @throws Failure INSTALLATION_INVALID | PACKAGE_INVALID | OVERLAY_INVALID */
export function renderInstallation(
  installation: Installation,
  from: Package,
  { schema, namespace: fallback }: RenderOptions,
): Rendered {
  const namespace = installation.namespace ?? fallback
  const values = checkSchema(installation.values, from.schema, { code: 'INSTALLATION_INVALID' })
  const rendered = renderPackage(from, { name: installation.name, namespace, values })
  const placed = rendered.map((object) => inNamespace(object, namespace, schema))
  const source = `package ${from.name} ${from.version}`
  checkObjects(placed, { schema, code: 'PACKAGE_INVALID', source })
  const changed = applyOverlays(placed, installation.overlays, schema)
  if (installation.overlays.length > 0)
    checkObjects(changed, {
      schema,
      code: 'OVERLAY_INVALID',
      source: `${installation.kind} ${installation.name} with its overlays`,
    })
  const objects = withConfigHashes(changed).toSorted(compareObjects)
  return { namespace, objects, digest: digestOf(objects), warnings: findWarnings(objects, schema) }
}

function renderPackage(from: Package, input: Parameters<Package['render']>[0]): readonly KubeObject[] {
  try {
    return from.render(input)
  } catch (error) {
    if (error instanceof Failure) throw error
    throw new Failure(
      'PACKAGE_INVALID',
      `package ${from.name} ${from.version} cannot be rendered: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
}

/** Kinds that nobody here knows live in a namespace unless they say otherwise with an empty one. */
function inNamespace(object: KubeObject, namespace: string, schema: KubeSchema): KubeObject {
  const isNamespaced = schema.find(object)?.isNamespaced ?? object.metadata.namespace !== ''
  const { namespace: own, name, ...rest } = object.metadata
  if (!isNamespaced) return { ...object, metadata: { name, ...rest } }
  return { ...object, metadata: { name, namespace: own || namespace, ...rest } }
}

/** Names a set of objects by its content, whatever the order of keys. */
export function digestOf(objects: readonly KubeObject[]): string {
  return `sha256:${createHash('sha256').update(JSON.stringify(objects, sortedKeys)).digest('hex')}`
}

function sortedKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
