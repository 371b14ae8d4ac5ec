/** One object of a file, checked by itself: who it is, its fields with defaults, and what is wrong with it. */
import type { Diagnostic } from './diagnostic.ts'
import { apiVersionOf, describeUnread, groupKindOf, kindOf, splitApiVersion, type Kind } from './kind.ts'
import type { RawObject } from './manifest.ts'
import type { GroupKind } from './object.ts'
import { checkRules } from './schema/rules.ts'
import { applyDefaults } from './schema/defaults.ts'
import { formatPath, type Issue } from './schema/issue.ts'
import { plainValue } from './schema/plain-value.ts'
import { checkStructure } from './schema/structure.ts'

/** Which object it is; two of one identity are the same object. */
export interface Identity {
  readonly kind: Kind
  readonly groupKind: GroupKind
  /** `''` for cluster-scoped kinds */
  readonly namespace: string
  readonly name: string
}

export interface CheckedObject {
  readonly raw: RawObject
  /** nothing for what is no object of the gateway */
  readonly identity?: Identity
  /** nothing when it has an error */
  readonly content?: ObjectContent
  /** at the places of now */
  readonly diagnose: () => readonly Diagnostic[]
}

export interface ObjectContent {
  readonly apiVersion: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** milliseconds since 1970 */
  readonly created?: number
  readonly spec: unknown
  readonly rest: Readonly<Record<string, unknown>>
}

export interface CheckOptions {
  /** of objects that name none */
  readonly namespace: string
  /** unknown fields are errors */
  readonly strict: boolean
}

export async function checkObject(raw: RawObject, options: CheckOptions): Promise<CheckedObject> {
  const value = plainValue(raw.value) as Record<string, unknown>
  const { apiVersion, kind: kindName } = value
  if (apiVersion === undefined && kindName === undefined) return { raw, diagnose: () => [foreign(raw)] }
  if (typeof apiVersion !== 'string' || typeof kindName !== 'string') {
    const field = typeof apiVersion === 'string' ? 'kind' : 'apiVersion'
    return rejected(raw, [
      {
        severity: 'error',
        rule: 'not-an-object',
        message: 'is missing: this is no Kubernetes object',
        path: [field],
        side: 'key',
      },
    ])
  }
  const { group, version } = splitApiVersion(apiVersion)
  const kind = kindOf(group, kindName)
  if (!kind) return unread(raw, group, kindName)
  const meta = metadataOf(value, kind, options)
  const title = `${kindName} ${meta.namespace === '' ? meta.name : `${meta.namespace}/${meta.name}`}`
  if (meta.issues.length > 0)
    return rejected(raw, meta.issues, `${kindName} ${meta.name || 'without a name'}`)
  const identity = { kind, groupKind: groupKindOf(kind), namespace: meta.namespace, name: meta.name }
  const issues = [...checkVersion(kind, version), ...(await checkFields(value, kind, version))]
  const { spec, ...others } = value
  if (!hasError(issues)) {
    applyDefaults(identity.groupKind, spec)
    issues.push(...checkRules(identity.groupKind, spec))
  }
  const told = issues.map((issue) => judged(kindName === 'Secret' ? withoutValue(issue) : issue, options))
  const rest = Object.fromEntries(
    Object.entries(others).filter(([key]) => !['apiVersion', 'kind', 'metadata', 'status'].includes(key)),
  )
  return {
    raw,
    identity,
    ...(!hasError(told) && {
      content: { apiVersion: apiVersionOf(kind), ...meta.content, spec: spec ?? {}, rest },
    }),
    diagnose: () => told.map((issue) => diagnostic(raw, issue, title)),
  }
}

async function checkFields(value: Record<string, unknown>, kind: Kind, version: string): Promise<Issue[]> {
  const schema = await kind.schema(version)
  const { status: _, ...written } = value
  const apiVersion = (schema as { apiVersion?: unknown }).apiVersion
  return checkStructure({ ...written, ...(typeof apiVersion === 'string' && { apiVersion }) }, schema)
}

/** What a Secret holds is told to nobody. */
function withoutValue(issue: Issue): Issue {
  const isText = issue.path[0] === 'stringData'
  if (!isText && issue.path[0] !== 'data') return issue
  return { ...issue, message: isText ? 'must be a text' : 'must be a text in base64', isSecret: true }
}

/** Warnings are of fields that are not heeded; with `strict` they are errors. */
function judged(issue: Issue, { strict }: CheckOptions): Issue {
  if (issue.severity === 'error') return issue
  return strict
    ? { ...issue, severity: 'error' }
    : { ...issue, message: `${issue.message} and has no effect` }
}

function checkVersion(kind: Kind, version: string): Issue[] {
  if (kind.versions.includes(version)) return []
  return [
    {
      severity: 'error',
      rule: 'unknown-version',
      message: `kind ${kind.kind} has no version "${version}"`,
      path: ['apiVersion'],
      hint: `write ${apiVersionOf(kind)}`,
    },
  ]
}

interface Metadata {
  readonly name: string
  readonly namespace: string
  readonly content: Pick<ObjectContent, 'labels' | 'annotations' | 'created'>
  readonly issues: readonly Issue[]
}

const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/

function metadataOf(value: Record<string, unknown>, kind: Kind, options: CheckOptions): Metadata {
  const metadata = (typeof value['metadata'] === 'object' ? value['metadata'] : {}) as Record<string, unknown>
  const name = typeof metadata['name'] === 'string' ? metadata['name'] : ''
  const written = typeof metadata['namespace'] === 'string' ? metadata['namespace'] : ''
  const issues: Issue[] = []
  if (name === '') issues.push({ ...nameIssue, message: 'is missing or not a text', side: 'key' })
  else if (name.length > 253 || !subdomain.test(name))
    issues.push({
      ...nameIssue,
      message: `"${name}" is not a name: it is lower-case letters, digits, "-" and "."`,
    })
  if (written !== '' && (written.length > 63 || !/^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(written)))
    issues.push({
      ...nameIssue,
      path: ['metadata', 'namespace'],
      message: `"${written}" is not a name of a namespace`,
    })
  const stamp = metadata['creationTimestamp']
  const created = typeof stamp === 'string' ? Date.parse(stamp) : NaN
  return {
    name,
    namespace: kind.isNamespaced ? written || options.namespace : '',
    content: {
      labels: texts(metadata['labels']),
      annotations: texts(metadata['annotations']),
      ...(!Number.isNaN(created) && { created }),
    },
    issues,
  }
}

const nameIssue = { severity: 'error', rule: 'invalid-name', path: ['metadata', 'name'] } as const

function texts(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]))
}

function hasError(issues: readonly Issue[]): boolean {
  return issues.some(({ severity }) => severity === 'error')
}

function unread(raw: RawObject, group: string, kind: string): CheckedObject {
  const { hint, ...told } = describeUnread(group, kind)
  return {
    raw,
    diagnose: () => [{ ...told, at: raw.placeOf(['kind']), ...(hint !== undefined && { hint }) }],
  }
}

/** A file such as `compose.yaml` beside the others. */
function foreign(raw: RawObject): Diagnostic {
  return {
    severity: 'info',
    rule: 'foreign-document',
    message: `a document of ${raw.file} is no Kubernetes object, as it has no apiVersion and no kind`,
    at: raw.placeOf([], 'key'),
  }
}

function rejected(raw: RawObject, issues: readonly Issue[], title?: string): CheckedObject {
  return { raw, diagnose: () => issues.map((issue) => diagnostic(raw, issue, title)) }
}

function diagnostic(raw: RawObject, issue: Issue, object?: string): Diagnostic {
  const { severity, rule, message, path, side, hint, isSecret } = issue
  const { lineText, ...place } = raw.placeOf(path, side)
  return {
    severity,
    rule,
    message: path.length === 0 || rule === 'unknown-version' ? message : `${formatPath(path)} ${message}`,
    at: { ...place, ...(lineText !== undefined && isSecret !== true && { lineText }) },
    ...(hint !== undefined && { hint }),
    ...(object !== undefined && { object }),
  }
}
