/** Status of an object as the Gateway API defines it, before and after the data plane said what it could bind. */
export interface ObjectStatus {
  readonly kind: string
  /** group of the kind; `''` for core */
  readonly group: string
  readonly namespace: string
  readonly name: string
  readonly generation: number
  /** the `status` field, in its API's own shape, with `Programmed` as if every listener were bound */
  readonly status: Readonly<Record<string, unknown>>
  /** `Listener.name` or `FilterChain.name` of the model it depends on: when one has a problem, `unbound` is asked */
  readonly listeners?: readonly string[]
  /** the status that is true with these problems, each under a name of `listeners` */
  readonly unbound?: (problems: ListenerProblems) => Readonly<Record<string, unknown>>
}

/** By `Listener.name`, or by `FilterChain.name` where only a chain could not be had. */
export type ListenerProblems = Readonly<Record<string, ListenerProblem>>

export interface ListenerProblem {
  /** `port 80 is in use` */
  readonly message: string
  /** the system's code, such as `EADDRINUSE` */
  readonly code?: string
}

/** metav1.Condition. `lastTransitionTime` is put in where statuses are kept, as it depends on the one before. */
export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
  readonly observedGeneration: number
}
