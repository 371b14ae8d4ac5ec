/** Files as Kubernetes objects that nobody has checked yet: several documents, lists, JSON. Pure. */
import { Failure, type Place } from '../../base/index.ts'
import { parseYaml, type PathSegment, type YamlDocument } from '../../yaml/index.ts'
import { splitDocuments } from './chunk.ts'
import type { Diagnostic } from './diagnostic.ts'

/** An object as it is written. The same one is given out again as long as its text stays as it is. */
export interface RawObject {
  readonly value: Readonly<Record<string, unknown>>
  readonly file: string
  /** in the file as it was read last */
  readonly placeOf: (path: readonly PathSegment[], side?: 'key' | 'value') => Place
}

export interface Manifest {
  readonly objects: readonly RawObject[]
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads the text of one file; keeps what it made of each document for the next time. */
export type ManifestReader = (text: string) => Manifest

/**
 * @returns a reader for one file; it throws Failure GATEWAY_CONFIG for a file that is not valid YAML or JSON, a file that
 * was cut in the middle among them
 */
export function newManifestReader(file: string): ManifestReader {
  let kept = new Map<string, ReadChunk[]>()
  return (text) => {
    const next = new Map<string, ReadChunk[]>()
    const chunks = splitDocuments(text).map((chunk) => {
      const same = kept.get(chunk.text)?.shift() ?? readChunk(chunk.text, file, chunk.linesBefore)
      same.linesBefore = chunk.linesBefore
      next.set(chunk.text, [...(next.get(chunk.text) ?? []), same])
      return same
    })
    kept = next
    return {
      objects: chunks.flatMap(({ objects }) => objects),
      diagnostics: chunks.flatMap(({ diagnose }) => diagnose()),
    }
  }
}

interface ReadChunk {
  linesBefore: number
  readonly objects: readonly RawObject[]
  /** at the places of now */
  readonly diagnose: () => readonly Diagnostic[]
}

function readChunk(text: string, file: string, linesBefore: number): ReadChunk {
  const first = parseChunk(text, file, linesBefore)
  // The syntax tree is many times as large as the text, and needed only where something is told of a place.
  let kept = new WeakRef(first)
  const document = (): YamlDocument => {
    const known = kept.deref()
    if (known) return known
    const again = parseChunk(text, file, linesBefore)
    kept = new WeakRef(again)
    return again
  }
  const problems: { message: string; path: PathSegment[]; rule: string }[] = []
  const objects: RawObject[] = []
  const chunk: ReadChunk = {
    linesBefore,
    objects,
    diagnose: () =>
      problems.map(({ message, path, rule }) => ({
        severity: 'error',
        rule,
        message,
        at: placeOf(path, 'key'),
      })),
  }
  const placeOf: RawObject['placeOf'] = (path, side) =>
    shifted(document().placeOf(path, side), chunk.linesBefore)
  const add = (value: unknown, prefix: PathSegment[]): void => {
    if (!isRecord(value)) {
      problems.push({
        message: `${where(file, prefix)} is not an object`,
        path: prefix,
        rule: 'not-an-object',
      })
      return
    }
    if (
      typeof value['kind'] === 'string' &&
      value['kind'].endsWith('List') &&
      Array.isArray(value['items'])
    ) {
      value['items'].forEach((item, index) => add(item, [...prefix, 'items', index]))
      return
    }
    // Asked for of all objects at once, which must not parse all of them again.
    const named = first.placeOf([...prefix, 'metadata', 'name'])
    objects.push({
      value,
      file,
      placeOf: (path, side) =>
        path.join('.') === 'metadata.name' && side !== 'key'
          ? shifted(named, chunk.linesBefore)
          : placeOf([...prefix, ...path], side),
    })
  }
  add(first.value, [])
  return chunk
}

function parseChunk(text: string, file: string, linesBefore: number): YamlDocument {
  try {
    return parseYaml(text, file, { code: 'GATEWAY_CONFIG' })
  } catch (error) {
    throw error instanceof Failure ? shiftedFailure(error, linesBefore) : error
  }
}

function shiftedFailure(failure: Failure, lines: number): Failure {
  const { code, message, at, hint, cause, others } = failure
  return new Failure(code, message, {
    at: at && shifted(at, lines),
    hint,
    cause,
    others: others.map((other) => shiftedFailure(other, lines)),
  })
}

function shifted(place: Place, lines: number): Place {
  return lines === 0 ? place : { ...place, line: place.line + lines }
}

function where(file: string, path: readonly PathSegment[]): string {
  return path.length === 0 ? `a document of ${file}` : `item ${path.at(-1)} of a list in ${file}`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
