/** Texts of a checked plan document, with their places. */
import type { YamlDocument, PathSegment } from '../../yaml/index.ts'
import type { PlanText } from './model.ts'

/** Reads texts by path; a path that is not there gives nothing, an empty list or an empty map. */
export interface DocumentTexts {
  readonly value: (path: readonly PathSegment[]) => unknown
  readonly text: (path: readonly PathSegment[]) => PlanText | undefined
  readonly texts: (path: readonly PathSegment[]) => PlanText[]
  readonly map: (path: readonly PathSegment[]) => ReadonlyMap<string, PlanText>
  /** keys of the map at a path, in file order */
  readonly keys: (path: readonly PathSegment[]) => string[]
}

export function documentTexts(document: YamlDocument): DocumentTexts {
  const value = (path: readonly PathSegment[]): unknown => {
    let current = document.value
    for (const segment of path) current = (current as Record<PathSegment, unknown> | undefined)?.[segment]
    return current ?? undefined
  }
  const keys = (path: readonly PathSegment[]) => Object.keys((value(path) as object | undefined) ?? {})
  const text = (path: readonly PathSegment[]): PlanText | undefined => {
    const found = value(path)
    return typeof found === 'string' ? { text: found, at: document.placeOf(path) } : undefined
  }
  const texts = (path: readonly PathSegment[]) =>
    ((value(path) as string[] | undefined) ?? []).map((item, index) => ({
      text: item,
      at: document.placeOf([...path, index]),
    }))
  const map = (path: readonly PathSegment[]) =>
    new Map(keys(path).map((key) => [key, text([...path, key])!] as const))
  return { value, text, texts, map, keys }
}
