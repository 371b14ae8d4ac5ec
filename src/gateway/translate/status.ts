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
  /**
   * Listeners of the model it depends on: when one is not bound, `unbound` gives the status that is true then.
   * Names are `Listener.name`.
   */
  readonly listeners?: readonly string[]
  /** problems by name of the listener, such as `{'127.0.0.1:80/tcp': 'port 80 is in use'}` */
  readonly unbound?: (problems: Readonly<Record<string, string>>) => Readonly<Record<string, unknown>>
}

/** metav1.Condition. `lastTransitionTime` is put in where statuses are kept, as it depends on the one before. */
export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
  readonly observedGeneration: number
}
