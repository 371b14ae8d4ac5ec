import type { Place } from '../../base/index.ts'

/** A Kubernetes object as the translators see it: valid, with defaults, in its storage version's shape. */
export interface KubeObject<Spec = unknown> {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
  readonly spec: Spec
  /** everything else at the top: `data` and `type` of a Secret, `endpoints` of an EndpointSlice */
  readonly rest: Readonly<Record<string, unknown>>
  /** where it, or a field of it, is written; a path that is not there gives the nearest thing around it */
  readonly placeOf: (path?: readonly (string | number)[]) => Place
}

export interface ObjectMeta {
  readonly name: string
  /** `''` for cluster-scoped kinds; else filled in from `--namespace` */
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** 1 at first; one more whenever the spec changes */
  readonly generation: number
  /** milliseconds since 1970: as written, else when it was first seen, kept over restarts */
  readonly created: number
}

/** Group and kind, as `HTTPRoute.gateway.networking.k8s.io`; core kinds have no group: `Service`. */
export type GroupKind = string

/** All objects of one moment, by kind, and by namespace and name. Immutable. */
export interface ObjectSet {
  /** oldest first, then namespace, then name */
  readonly list: <Spec = unknown>(kind: GroupKind) => readonly KubeObject<Spec>[]
  readonly get: <Spec = unknown>(
    kind: GroupKind,
    namespace: string,
    name: string,
  ) => KubeObject<Spec> | undefined
  /** labels of a namespace, `kubernetes.io/metadata.name` among them; a namespace without an object counts as present */
  readonly namespaceLabels: (namespace: string) => Readonly<Record<string, string>>
}
