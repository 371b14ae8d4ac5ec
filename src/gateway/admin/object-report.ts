/** Objects as `kubectl get -o json` shows them, with their status; data of secrets is not shown. */
import { splitApiVersion } from '../objects/kind.ts'
import type { KubeObject } from '../objects/object.ts'
import { formatPlace } from '../../base/index.ts'
import type { GatewayState } from '../run/gateway.ts'

/** A Kubernetes object as JSON. */
export interface ReportedObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: Readonly<Record<string, unknown>> & {
    readonly name: string
    readonly namespace?: string
    readonly creationTimestamp: string
  }
  readonly spec?: unknown
  readonly status?: unknown
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** where an object is written, as an annotation */
export const placeAnnotation = 'slipway.dev/place'

export function reportObjects({
  objects,
  statuses,
}: Pick<GatewayState, 'objects' | 'statuses'>): ReportedObject[] {
  const status = new Map(
    statuses.map(({ kind, group, namespace, name, status: value }) => [
      `${kind}.${group}/${namespace}/${name}`,
      value,
    ]),
  )
  return objects.map((object) => {
    const { group } = splitApiVersion(object.apiVersion)
    const { namespace, name } = object.metadata
    return reportObject(object, status.get(`${object.kind}.${group}/${namespace}/${name}`))
  })
}

function reportObject(
  { apiVersion, kind, metadata, spec, rest, placeOf }: KubeObject,
  status: unknown,
): ReportedObject {
  const { name, namespace, labels, generation, created } = metadata
  // kubectl keeps all that an object had in one of them.
  const { [lastApplied]: applied, ...others } = metadata.annotations
  const annotations = kind === 'Secret' || applied === undefined ? others : metadata.annotations
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace !== '' && { namespace }),
      ...(Object.keys(labels).length > 0 && { labels }),
      annotations: { ...annotations, [placeAnnotation]: formatPlace(placeOf(['metadata', 'name'])) },
      generation,
      creationTimestamp: new Date(created).toISOString().replace(/\.\d+Z$/, 'Z'),
    },
    ...(hasFields(spec) && { spec }),
    ...(kind === 'Secret' ? redactedSecret(rest) : rest),
    ...(status !== undefined && { status }),
  }
}

function hasFields(spec: unknown): boolean {
  return typeof spec === 'object' && spec !== null && Object.keys(spec).length > 0
}

function redactedSecret(rest: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const redact = (value: unknown) =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.keys(value).map((key) => [key, '[redacted]']))
      : value
  return Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [
      key,
      key === 'data' || key === 'stringData' ? redact(value) : value,
    ]),
  )
}
