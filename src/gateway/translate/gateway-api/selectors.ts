/** Label selectors (metav1.LabelSelector) and the choice of namespaces made of them. */
type Labels = Readonly<Record<string, string>>

export interface LabelSelector {
  readonly matchLabels?: Labels
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

/** `Same` is the namespace of the object that chooses. */
export interface NamespaceChoice {
  readonly from?: string
  readonly selector?: LabelSelector
}

export function matchesSelector(selector: LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
      const value = labels[key]
      switch (operator) {
        case 'In':
          return value !== undefined && values.includes(value)
        case 'NotIn':
          return value === undefined || !values.includes(value)
        case 'Exists':
          return value !== undefined
        default:
          return value === undefined
      }
    })
  )
}

/** Whether objects of `namespace` are chosen by one in `own`; `fallback` is meant when nothing is written. */
export function allowsNamespace(
  choice: NamespaceChoice | undefined,
  fallback: 'Same' | 'None',
  namespace: { readonly own: string; readonly other: string; readonly labels: (name: string) => Labels },
): boolean {
  switch (choice?.from ?? fallback) {
    case 'All':
      return true
    case 'Same':
      return namespace.own === namespace.other
    case 'Selector':
      return matchesSelector(choice?.selector ?? {}, namespace.labels(namespace.other))
    default:
      return false
  }
}
