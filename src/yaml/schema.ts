/** Schema issues of a YAML document as failures with a place, a shown value and a suggestion. */
import { Failure, nearest, type FailureCode } from '../base/index.ts'
import { withOthers, type PathSegment, type YamlDocument } from './document.ts'
import { keysAt } from './schema-keys.ts'

/** One thing wrong with a value, in the form zod 4 gives it (codes `invalid_type`, `unrecognized_keys`, ...). */
export interface SchemaIssue {
  readonly code?: string | undefined
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** What is needed of a zod 4 schema, `zod` or `zod/mini`. */
export interface Schema<T> {
  readonly safeParse: (
    value: unknown,
  ) =>
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly SchemaIssue[] } }
}

/**
 * The document's value as the schema reads it. All issues of the file come in one failure (`others`), in file order.
 * A message of a check in the schema continues the shown value (`is not an image name`), or the name of a map or list.
 * @throws Failure with `code` (default PLAN_INVALID)
 */
export function checkSchema<T>(
  document: YamlDocument,
  schema: Schema<T>,
  options: { readonly code?: FailureCode } = {},
): T {
  const result = schema.safeParse(document.value)
  if (result.success) return result.data
  const code = options.code ?? 'PLAN_INVALID'
  const failures = result.error.issues
    .flatMap((issue) => describeIssue({ document, schema, code }, issue as Issue, []))
    .toSorted((a, b) => a.at!.line - b.at!.line || a.at!.column - b.at!.column)
  throw withOthers(failures)
}

interface Issue extends SchemaIssue {
  readonly expected?: string
  readonly keys?: readonly string[]
  readonly values?: readonly unknown[]
  readonly errors?: readonly (readonly Issue[])[]
  /** of a key of a map */
  readonly issues?: readonly Issue[]
  /** of `too_small` and `too_big`: a number, a text, a list or a map, and whether the bound itself is allowed */
  readonly origin?: string
  readonly minimum?: number | bigint
  readonly maximum?: number | bigint
  readonly inclusive?: boolean
  /** of `invalid_format` */
  readonly pattern?: string
}

interface Checked {
  readonly document: YamlDocument
  readonly schema: unknown
  readonly code: FailureCode
}

function describeIssue(checked: Checked, issue: Issue, prefix: readonly PathSegment[]): Failure[] {
  const path = [
    ...prefix,
    ...issue.path.map((segment) => (typeof segment === 'number' ? segment : String(segment))),
  ]
  if (issue.code === 'unrecognized_keys') return unknownKeys(checked, issue, path)
  if (issue.code === 'invalid_union' && issue.errors) return union(checked, issue.errors, path)
  return [wrongValue(checked, issue, path)]
}

function unknownKeys({ document, schema, code }: Checked, issue: Issue, path: PathSegment[]): Failure[] {
  const known = keysAt(schema, path)
  return (issue.keys ?? []).map((key) => {
    const suggestion = nearest(key, known)
    return new Failure(code, `unknown key "${key}" in ${describePath(document, path)}`, {
      at: document.placeOf([...path, key], 'key'),
      hint: suggestion ? `did you mean "${suggestion}"?` : `the keys here are ${known.join(', ')}`,
    })
  })
}

/** Of the forms a value may take, tells about the one it was meant to have, else about all. */
function union(checked: Checked, forms: readonly (readonly Issue[])[], path: PathSegment[]): Failure[] {
  const meant = forms.filter(
    (issues) => !issues.some((issue) => issue.path.length === 0 && issue.code !== 'unrecognized_keys'),
  )
  if (meant.length === 1) return meant[0]!.flatMap((issue) => describeIssue(checked, issue, path))
  const expected = forms.flatMap((issues) =>
    issues.filter((issue) => issue.path.length === 0 && issue.expected).map((issue) => issue.expected!),
  )
  const words = [...new Set(expected)].map((name) => typeWords.get(name) ?? name)
  return [mismatch(checked, path, `must be ${words.join(' or ')}`)]
}

function wrongValue(checked: Checked, issue: Issue, path: PathSegment[]): Failure {
  if (issue.code === 'invalid_type')
    return mismatch(
      checked,
      path,
      `must be ${typeWords.get(issue.expected ?? '') ?? issue.expected}`,
      issue.expected,
    )
  if (issue.code === 'invalid_value' && issue.values)
    return mismatch(
      checked,
      path,
      `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`,
    )
  const { document, code } = checked
  if (issue.code === 'invalid_key') {
    const why = issue.issues?.[0]?.message ?? issue.message
    return new Failure(code, `${describePath(document, path.slice(0, -1))}: ${shown(path.at(-1))} ${why}`, {
      at: document.placeOf(path, 'key'),
    })
  }
  const value = valueAt(document.value, path)
  const isPlain = typeof value !== 'object' || value === null
  return new Failure(
    code,
    `${describePath(document, path)}${isPlain ? `: ${shown(value)}` : ''} ${boundOf(issue) ?? issue.message}`,
    { at: document.placeOf(path) },
  )
}

/** What zod says of bounds and patterns depends on its language; a message of the schema itself comes first. */
function boundOf(issue: Issue): string | undefined {
  const { code, message, origin, minimum, maximum, inclusive, pattern } = issue
  if (!/^(?:Invalid |Too )/.test(message)) return undefined
  const unit = units.get(origin ?? '') ?? ''
  const verb = unit === '' ? 'must be' : 'must have'
  if (code === 'too_small')
    return `${verb} ${inclusive === false ? 'more than' : 'at least'} ${String(minimum)}${unit}`
  if (code === 'too_big')
    return `${verb} ${inclusive === false ? 'less than' : 'at most'} ${String(maximum)}${unit}`
  return code === 'invalid_format' && pattern !== undefined ? `must match ${pattern}` : undefined
}

const units = new Map([
  ['string', ' characters'],
  ['array', ' items'],
  ['object', ' keys'],
])

function mismatch(
  { document, code }: Checked,
  path: PathSegment[],
  must: string,
  expected?: string,
): Failure {
  const value = valueAt(document.value, path)
  if (value === undefined) {
    const key = path.at(-1)
    return new Failure(code, `${describePath(document, path.slice(0, -1))} has no "${String(key)}"`, {
      at: document.placeOf(path, 'key'),
      hint: `add "${String(key)}"; it ${must}`,
    })
  }
  const isUnquoted = expected === 'string' && (typeof value === 'number' || typeof value === 'boolean')
  return new Failure(code, `${describePath(document, path)} ${must}, not ${shown(value)}`, {
    at: document.placeOf(path, value === null ? 'key' : 'value'),
    hint: isUnquoted ? 'put quotes around it, so that YAML keeps it as it is written' : undefined,
  })
}

const typeWords = new Map([
  ['string', 'a text'],
  ['boolean', 'true or false'],
  ['number', 'a number'],
  ['array', 'a list'],
  ['object', 'a map'],
  ['record', 'a map'],
])

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'empty'
  if (typeof value === 'string') return `"${clip(value)}"`
  if (Array.isArray(value)) return `the list ${clip(JSON.stringify(value))}`
  if (typeof value === 'object') return `the map ${clip(JSON.stringify(value))}`
  return `the ${typeof value} ${String(value as number | boolean)}`
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** `images[2] (pilot).files`: list items that have a name are shown with it. */
function describePath(document: YamlDocument, path: readonly PathSegment[]): string {
  if (path.length === 0) return document.file
  let text = ''
  path.forEach((segment, index) => {
    if (typeof segment === 'string') text += text === '' ? segment : `.${segment}`
    else {
      const item = valueAt(document.value, path.slice(0, index + 1))
      const name = typeof item === 'object' && item !== null && 'name' in item ? item.name : undefined
      text += `[${segment}]${typeof name === 'string' ? ` (${clip(name)})` : ''}`
    }
  })
  return text
}

function valueAt(value: unknown, path: readonly PathSegment[]): unknown {
  let current = value
  for (const segment of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, segment)) return undefined
    current = (current as Record<PathSegment, unknown>)[segment]
  }
  return current
}
