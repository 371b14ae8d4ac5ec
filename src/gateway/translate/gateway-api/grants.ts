import type { ObjectSet } from '../../objects/object.ts'
import { gatewayGroup, type ReferenceGrantSpec } from './specs.ts'

/** One end of a reference across namespaces. */
export interface Referrer {
  readonly group: string
  readonly kind: string
  readonly namespace: string
}

export interface Referent extends Referrer {
  readonly name: string
}

/** Whether a reference is allowed: inside a namespace always, else by a ReferenceGrant in the referent's. */
export type Grants = (from: Referrer, to: Referent) => boolean

/** Grants of one moment; their entries are OR-ed, a `to` without a name is for all of its kind. */
export function grantsOf(objects: ObjectSet): Grants {
  const byNamespace = Map.groupBy(
    objects.list<ReferenceGrantSpec>(`ReferenceGrant.${gatewayGroup}`),
    ({ metadata }) => metadata.namespace,
  )
  return (from, to) =>
    from.namespace === to.namespace ||
    (byNamespace.get(to.namespace) ?? []).some(
      ({ spec }) =>
        (spec.from ?? []).some(
          ({ group, kind, namespace }) =>
            (group ?? '') === from.group && kind === from.kind && namespace === from.namespace,
        ) &&
        (spec.to ?? []).some(
          ({ group, kind, name }) =>
            (group ?? '') === to.group &&
            kind === to.kind &&
            (name === undefined || name === '' || name === to.name),
        ),
    )
}
