/** Rules of `parentRefs`, the same for every kind of route. */
import type { Issue } from '../issue.ts'
import { broken, has, items, text, type Json } from './rule-check.ts'

/** Two references to one parent must be told apart: both by section, or both by port, or both by both. */
export function checkParentRefs(spec: Json): Issue[] {
  const groups = Map.groupBy(items(spec, 'parentRefs', ['spec']), ({ value }) =>
    JSON.stringify([
      text(value, 'group'),
      text(value, 'kind'),
      text(value, 'name'),
      text(value, 'namespace'),
    ]),
  )
  return [...groups.values()].flatMap(([first, ...others]) =>
    others.flatMap(({ value, path }) => {
      if (hasSection(value) !== hasSection(first!.value) || hasPort(value) !== hasPort(first!.value))
        return [
          broken(
            path,
            `refers to the parent of ${at(first!.path)} again: all or none of them must have a sectionName, and so for port`,
          ),
        ]
      const isSame = [first!, ...others].some(
        (other) =>
          other.path !== path && isBefore(other.path, path) && sectionOf(other.value) === sectionOf(value),
      )
      return isSame ? [broken(path, 'refers to the same parent, sectionName and port as another one')] : []
    }),
  )
}

function hasSection(value: Json): boolean {
  return text(value, 'sectionName') !== ''
}

function hasPort(value: Json): boolean {
  return has(value, 'port') && value['port'] !== 0
}

function sectionOf(value: Json): string {
  return JSON.stringify([text(value, 'sectionName'), hasPort(value) ? value['port'] : undefined])
}

function isBefore(a: readonly unknown[], b: readonly unknown[]): boolean {
  return Number(a.at(-1)) < Number(b.at(-1))
}

function at(path: readonly unknown[]): string {
  return `parentRefs[${String(path.at(-1))}]`
}
