/** YAML 1.2 documents (yaml.org/spec/1.2.2) read by the `yaml` library, with the place of every key and value. */
import {
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  parseDocument,
  type Document,
  type Node,
} from 'yaml'
import { Failure, type FailureCode, type Place } from '../base/index.ts'

export type PathSegment = string | number

export interface YamlDocument {
  /** path as the user wrote it */
  readonly file: string
  /** plain data: maps are objects, keys are strings; `null` for an empty file */
  readonly value: unknown
  /**
   * Where the key or the value at `path` stands; a path that is not there gives the nearest thing around it.
   * Default side: value. A list item has no key, so both sides are its value.
   */
  readonly placeOf: (path: readonly PathSegment[], side?: 'key' | 'value') => Place
  /** The tag of the value at `path`, one of those allowed; nothing for values without. */
  readonly tagOf: (path: readonly PathSegment[]) => string | undefined
}

export interface YamlOptions {
  /** code of the failures; default PLAN_INVALID */
  readonly code?: FailureCode
  /** as many values as aliases may be expanded to for one that is written; default 100 */
  readonly aliasLimit?: number
  /** tags that values may have, such as `!override`; default none */
  readonly tags?: readonly string[]
}

/** As many values as aliases may be expanded to for one that is written: stops "billion laughs" files. */
const defaultAliasLimit = 100
const maxSyntaxFailures = 5
/** A longer line would bury the message; its place is told without it. */
const maxLineText = 300

/**
 * Reads one document. Merge keys (`<<`) work; duplicate keys, unknown tags, a second document and alias bombs are
 * refused.
 * @throws Failure with `code`, at the place, further errors of the file in `others`
 */
export function parseYaml(text: string, file: string, options: YamlOptions = {}): YamlDocument {
  return readSource(text, file, options, (source) => [
    parseDocument(text, { ...parseOptions, lineCounter: source.lineCounter }),
  ])[0]!
}

/**
 * Reads every document of a file, those between `---` lines, as `parseYaml` does; documents that hold nothing are left
 * out, so an empty file gives none.
 * @throws Failure with `code`, at the place, further errors of the file in `others`
 */
export function parseYamlDocuments(text: string, file: string, options: YamlOptions = {}): YamlDocument[] {
  const read = (source: Source): readonly Document[] => {
    const documents = parseAllDocuments(text, { ...parseOptions, lineCounter: source.lineCounter })
    return 'empty' in documents ? [] : documents
  }
  return readSource(text, file, options, read).filter(({ value }) => value !== null)
}

const parseOptions = { merge: true, stringKeys: true, prettyErrors: false } as const

function readSource(
  text: string,
  file: string,
  options: YamlOptions,
  read: (source: Source) => readonly Document[],
): YamlDocument[] {
  const code = options.code ?? 'PLAN_INVALID'
  const source: Source = { text, file, lineCounter: new LineCounter() }
  const tags = options.tags ?? []
  try {
    const documents = read(source)
    const failures = documents.flatMap((document) => syntaxFailures(source, document, { code, tags }))
    if (failures.length > 0) throw withOthers(failures)
    return documents.map((document) => ({
      file,
      value: document.toJS({ maxAliasCount: options.aliasLimit ?? defaultAliasLimit }) as unknown,
      placeOf: (path, side = 'value') => findPlace(source, document, path, side),
      tagOf: (path) => findTag(document, path, tags),
    }))
  } catch (error) {
    if (error instanceof RangeError)
      throw new Failure(code, `${file} cannot be read: it is nested too deeply`, { cause: error })
    if (error instanceof ReferenceError)
      throw new Failure(code, `${file} is not valid YAML: ${sentence(error.message)}`, { cause: error })
    throw error
  }
}

/** One failure for all: the first, which holds the rest. */
export function withOthers(failures: readonly Failure[]): Failure {
  const [first, ...others] = failures
  if (!first) throw new Error('no failure to report')
  if (others.length === 0) return first
  return new Failure(first.code, first.message, {
    at: first.at,
    hint: first.hint,
    cause: first.cause,
    others,
  })
}

/** One failure for each line at most, and only the first few: what follows a syntax error is often its echo. */
function syntaxFailures(
  source: Source,
  document: Document,
  { code, tags }: { readonly code: FailureCode; readonly tags: readonly string[] },
): Failure[] {
  const lines = new Map<number, Failure>()
  const warnings = document.warnings.filter(
    (warning) =>
      warning.code !== 'TAG_RESOLVE_FAILED' ||
      !tags.some((tag) => source.text.startsWith(tag, warning.pos[0])),
  )
  for (const problem of [...document.errors, ...warnings]) {
    const at = placeOfRange(source, problem.pos[0], problem.pos[1])
    const why =
      problem.code === 'MULTIPLE_DOCS' ? 'it holds more than one document' : sentence(problem.message)
    if (lines.has(at.line)) continue
    lines.set(at.line, new Failure(code, `${source.file} is not valid YAML: ${why}`, { at }))
    if (lines.size === maxSyntaxFailures) break
  }
  return [...lines.values()]
}

interface Source {
  readonly text: string
  readonly file: string
  readonly lineCounter: LineCounter
}

function findPlace(
  source: Source,
  document: Document,
  path: readonly PathSegment[],
  side: 'key' | 'value',
): Place {
  let value: Node | null = document.contents as Node | null
  let key: Node | null = null
  for (const segment of path) {
    const child = childOf(document, value, segment)
    if (!child) return placeOfNode(source, key ?? value)
    ;[key, value] = [child.key, child.value]
  }
  return placeOfNode(source, side === 'key' ? (key ?? value) : (value ?? key))
}

function findTag(
  document: Document,
  path: readonly PathSegment[],
  tags: readonly string[],
): string | undefined {
  let node: Node | null = document.contents as Node | null
  for (const segment of path) node = childOf(document, node, segment)?.value ?? null
  const tag = isAlias(node) ? undefined : node?.tag
  return tags.find((candidate) => candidate === tag)
}

function childOf(
  document: Document,
  parent: Node | null,
  segment: PathSegment,
): { key: Node | null; value: Node | null } | undefined {
  const node = isAlias(parent) ? parent.resolve(document) : parent
  if (isSeq(node)) {
    const item = node.items[Number(segment)]
    return isNode(item) ? { key: null, value: item } : undefined
  }
  if (!isMap(node)) return undefined
  const pair = node.items.find(
    (item) => String(isScalar(item.key) ? item.key.value : item.key) === String(segment),
  )
  return pair && { key: asNode(pair.key), value: asNode(pair.value) }
}

function asNode(value: unknown): Node | null {
  return isNode(value) ? value : null
}

function placeOfNode(source: Source, node: Node | null): Place {
  if (!node?.range) return placeOfRange(source, 0, 0)
  return placeOfRange(source, node.range[0], node.range[1])
}

function placeOfRange(source: Source, start: number, end: number): Place {
  const from = source.lineCounter.linePos(start)
  const line = Math.max(from.line, 1)
  const column = Math.max(from.col, 1)
  const lineText = lineAt(source.text, start - (column - 1))
  const sameLineEnd = Math.min(column + Math.max(end - start, 1), Math.max(lineText.length, column) + 1)
  const place = { file: source.file, line, column, endColumn: Math.max(sameLineEnd, column + 1) }
  return lineText.length > maxLineText ? place : { ...place, lineText }
}

function lineAt(text: string, start: number): string {
  const end = text.indexOf('\n', start)
  return text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '')
}

/** A message of the library as part of a sentence: one line, no capital, no full stop. */
function sentence(message: string): string {
  const line = message.split('\n', 1)[0]!.replace(/[.:]$/, '')
  return line.charAt(0).toLowerCase() + line.slice(1)
}
