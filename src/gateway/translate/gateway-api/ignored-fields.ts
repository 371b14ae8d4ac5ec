/** Fields that have no effect here, each told where it is written. */
import type { KubeObject, ObjectSet } from '../../objects/object.ts'
import type { Context } from './context.ts'
import { gatewayGroup } from './specs.ts'

type Path = readonly (string | number)[]

/** Kind, path in the spec (`*` for every item of a list) and why nothing comes of it. */
const ignored: readonly (readonly [kind: string, path: readonly string[], why: string])[] = [
  ['Gateway', ['infrastructure', 'labels'], 'there are no objects of a cluster that could carry them'],
  ['Gateway', ['infrastructure', 'annotations'], 'there are no objects of a cluster that could carry them'],
  ['Gateway', ['defaultScope'], 'routes name their Gateways in parentRefs'],
  ['Gateway', ['listeners', '*', 'tls', 'options'], 'there are no options of TLS'],
  ['ListenerSet', ['listeners', '*', 'tls', 'options'], 'there are no options of TLS'],
  ['BackendTLSPolicy', ['options'], 'there are no options of TLS'],
  ...['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'].map(
    (kind) => [kind, ['useDefaultGateways'], 'a route names its Gateways in parentRefs'] as const,
  ),
]

/** Of our own Gateways and of what is nobody's in particular. */
export function reportIgnoredFields(
  { objects, output }: Context,
  isOurs: (object: KubeObject) => boolean,
): void {
  for (const [kind, path, why] of ignored) {
    for (const object of ofKind(objects, kind)) {
      if (kind === 'Gateway' && !isOurs(object)) continue
      for (const found of pathsOf(object.spec, path, ['spec'])) {
        output.report(object, found, {
          severity: 'warning',
          rule: 'field-without-effect',
          message: `${found.slice(1).join('.')} has no effect: ${why}`,
        })
      }
    }
  }
}

function ofKind(objects: ObjectSet, kind: string): readonly KubeObject[] {
  return objects.list(`${kind}.${gatewayGroup}`)
}

/** Places at which something is written. */
function pathsOf(value: unknown, path: readonly string[], at: Path): Path[] {
  const [step, ...rest] = path
  if (step === undefined) return isEmpty(value) ? [] : [at]
  if (step === '*') {
    return Array.isArray(value) ? value.flatMap((item, index) => pathsOf(item, rest, [...at, index])) : []
  }
  if (typeof value !== 'object' || value === null) return []
  return pathsOf((value as Record<string, unknown>)[step], rest, [...at, step])
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === '' ||
    value === 'None' ||
    (typeof value === 'object' && Object.keys(value).length === 0)
  )
}
