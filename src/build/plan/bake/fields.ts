/**
 * The fields of a target in a bake file (buildx, docs/bake-reference.md there): what each holds, how a later value
 * meets an earlier one, and what Slipway does with it. `docs/plans.md` has the same table; a test compares them.
 */

export type FieldKind =
  | 'text'
  | 'flag'
  | 'texts'
  /** texts by name; null stands for no value */
  | 'pairs'
  /** maps of texts, or texts such as `type=registry,ref=x` */
  | 'entries'

export interface Field {
  readonly kind: FieldKind
  /** default: the later value replaces the earlier; pairs are always merged name by name */
  readonly appends?: boolean
  /** of entries: entries with equal values of it are one, the later wins; default: equal entries are one */
  readonly key?: string
  readonly treatment: Treatment
}

export type Treatment =
  | 'honoured'
  /** accepted with a warning that says what to use instead */
  | 'warned'
  /** honoured where it changes nothing, refused where it would */
  | 'refused'
  /** about commands: a target that hands none to a builder needs nothing, one that does is refused */
  | 'commands'

export const targetFields = {
  description: { kind: 'text', treatment: 'honoured' },
  inherits: { kind: 'texts', appends: true, treatment: 'honoured' },
  annotations: { kind: 'texts', appends: true, treatment: 'honoured' },
  attest: { kind: 'entries', appends: true, key: 'type', treatment: 'honoured' },
  context: { kind: 'text', treatment: 'honoured' },
  contexts: { kind: 'pairs', treatment: 'honoured' },
  dockerfile: { kind: 'text', treatment: 'honoured' },
  'dockerfile-inline': { kind: 'text', treatment: 'honoured' },
  args: { kind: 'pairs', treatment: 'honoured' },
  labels: { kind: 'pairs', treatment: 'honoured' },
  tags: { kind: 'texts', treatment: 'honoured' },
  'cache-from': { kind: 'entries', appends: true, treatment: 'warned' },
  'cache-to': { kind: 'entries', treatment: 'warned' },
  target: { kind: 'text', treatment: 'honoured' },
  secret: { kind: 'entries', appends: true, key: 'id', treatment: 'commands' },
  ssh: { kind: 'entries', appends: true, key: 'id', treatment: 'commands' },
  platforms: { kind: 'texts', treatment: 'honoured' },
  output: { kind: 'entries', treatment: 'honoured' },
  pull: { kind: 'flag', treatment: 'honoured' },
  'no-cache': { kind: 'flag', treatment: 'honoured' },
  network: { kind: 'text', treatment: 'commands' },
  'no-cache-filter': { kind: 'texts', appends: true, treatment: 'honoured' },
  'shm-size': { kind: 'text', treatment: 'commands' },
  ulimits: { kind: 'texts', appends: true, treatment: 'commands' },
  resources: { kind: 'pairs', treatment: 'commands' },
  call: { kind: 'text', treatment: 'refused' },
  entitlements: { kind: 'texts', appends: true, treatment: 'commands' },
  'extra-hosts': { kind: 'pairs', treatment: 'commands' },
  policy: { kind: 'entries', appends: true, treatment: 'refused' },
} as const satisfies Record<string, Field>

export type FieldName = keyof typeof targetFields

export const fieldNames = Object.keys(targetFields) as FieldName[]

export function fieldOf(name: FieldName): Field {
  return targetFields[name]
}

export function isFieldName(name: string): name is FieldName {
  return Object.hasOwn(targetFields, name)
}
