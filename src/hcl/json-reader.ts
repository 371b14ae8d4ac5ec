/** JSON (RFC 8259) with the place of every name and value. Names may be there twice: blocks of HCL may. */
import { hclFailure, type HclSource, type Span } from './source.ts'

export interface JsonMember {
  readonly name: string
  readonly nameSpan: Span
  readonly value: JsonNode
}

export type JsonNode =
  | { readonly kind: 'null'; readonly span: Span }
  | { readonly kind: 'text'; readonly value: string; readonly span: Span }
  | { readonly kind: 'number'; readonly value: number; readonly span: Span }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly span: Span }
  | { readonly kind: 'list'; readonly items: readonly JsonNode[]; readonly span: Span }
  | { readonly kind: 'map'; readonly members: readonly JsonMember[]; readonly span: Span }

interface Reader {
  readonly source: HclSource
  position: number
  depth: number
}

/** @throws Failure PLAN_INVALID at the place */
export function readJson(source: HclSource): JsonNode {
  const reader: Reader = { source, position: 0, depth: 0 }
  const node = readNode(reader)
  skip(reader)
  if (reader.position < source.text.length) throw unexpected(reader, 'the end of the file')
  return node
}

const space = /[ \t\r\n]*/y
const text = /"(?:[^"\\\u0000-\u001F]|\\.)*"/y
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const word = /true|false|null/y

function readNode(reader: Reader): JsonNode {
  skip(reader)
  const start = reader.position
  const span = (): Span => ({ source: reader.source, start, end: reader.position })
  if (++reader.depth > 200) throw hclFailure('the file is nested too deeply', { ...span(), end: start + 1 })
  try {
    if (take(reader, '{')) return { kind: 'map', members: readMembers(reader), span: span() }
    if (take(reader, '[')) return { kind: 'list', items: readItems(reader), span: span() }
    if (reader.source.text[start] === '"') return { kind: 'text', value: readText(reader), span: span() }
    const digits = match(reader, number)
    if (digits !== undefined) return { kind: 'number', value: Number(digits), span: span() }
    const constant = match(reader, word)
    if (constant === 'null') return { kind: 'null', span: span() }
    if (constant !== undefined) return { kind: 'boolean', value: constant === 'true', span: span() }
    throw unexpected(reader, 'a value')
  } finally {
    reader.depth--
  }
}

function readMembers(reader: Reader): JsonMember[] {
  const members: JsonMember[] = []
  skip(reader)
  if (take(reader, '}')) return members
  for (;;) {
    skip(reader)
    const start = reader.position
    const name = readText(reader)
    const nameSpan = { source: reader.source, start, end: reader.position }
    skip(reader)
    if (!take(reader, ':')) throw unexpected(reader, '":" after the name')
    members.push({ name, nameSpan, value: readNode(reader) })
    skip(reader)
    if (take(reader, '}')) return members
    if (!take(reader, ',')) throw unexpected(reader, '"," or "}"')
  }
}

function readItems(reader: Reader): JsonNode[] {
  const items: JsonNode[] = []
  skip(reader)
  if (take(reader, ']')) return items
  for (;;) {
    items.push(readNode(reader))
    skip(reader)
    if (take(reader, ']')) return items
    if (!take(reader, ',')) throw unexpected(reader, '"," or "]"')
  }
}

function readText(reader: Reader): string {
  const start = reader.position
  const written = match(reader, text)
  if (written === undefined) throw unexpected(reader, 'a text in double quotes')
  try {
    return JSON.parse(written) as string
  } catch (cause) {
    const span = { source: reader.source, start, end: reader.position }
    throw Object.assign(hclFailure('the text has an escape that JSON does not know', span), { cause })
  }
}

function skip(reader: Reader): void {
  match(reader, space)
}

function take(reader: Reader, character: string): boolean {
  if (reader.source.text[reader.position] !== character) return false
  reader.position++
  return true
}

function match(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.position
  const found = pattern.exec(reader.source.text)?.[0]
  if (found !== undefined) reader.position += found.length
  return found
}

function unexpected({ source, position }: Reader, wanted: string): Error {
  const character = source.text[position]
  const found = character === undefined ? 'the end' : JSON.stringify(character)
  return hclFailure(`expected ${wanted}, not ${found}`, { source, start: position, end: position + 1 })
}
