/** Texts: case, trimming, splitting, searching. Lengths count characters as people see them. */
import { ArgumentError } from '../function.ts'
import { tuple, type Sequence, type Value } from '../value.ts'
import { define, listOf, num, some, text, type FunctionTable } from './define.ts'

const one = (call: (a: string) => Value) => define<[string]>([text('str')], call)

export const textFunctions: FunctionTable = {
  upper: one((a) => a.toUpperCase()),
  lower: one((a) => a.toLowerCase()),
  title: one((a) => a.replaceAll(/(?<![\p{L}\p{Nd}_'])\p{L}/gu, (letter) => letter.toUpperCase())),
  chomp: one((a) => a.replace(/[\r\n]+$/, '')),
  trimspace: one((a) => a.trim()),
  strlen: one((a) => characters(a).length),
  reverse: one((a) => characters(a).toReversed().join('')),
  trim: define<[string, string]>([text('str'), text('cutset')], (a, cut) => trimEnd(trimStart(a, cut), cut)),
  trimprefix: define<[string, string]>([text('str'), text('prefix')], (a, prefix) =>
    a.startsWith(prefix) ? a.slice(prefix.length) : a,
  ),
  trimsuffix: define<[string, string]>([text('str'), text('suffix')], (a, suffix) =>
    suffix !== '' && a.endsWith(suffix) ? a.slice(0, -suffix.length) : a,
  ),
  substr: define<[string, number, number]>([text('str'), num('offset'), num('length')], substring),
  replace: define<[string, string, string]>([text('str'), text('substr'), text('replace')], (a, from, to) =>
    a.replaceAll(from, () => to),
  ),
  split: define<[string, string]>([text('separator'), text('str')], (separator, a) => ({
    kind: 'list',
    items: a.split(separator),
  })),
  join: define<[string, ...Sequence[]]>(
    [text('separator'), some('list', listOf('string'))],
    (separator, ...lists) => {
      const items = lists.flatMap((list) => list.items)
      if (items.includes(null)) throw new ArgumentError('the list has null in it', 1)
      return (items as string[]).join(separator)
    },
    some('lists', listOf('string')),
  ),
  indent: define<[number, string]>([num('spaces'), text('str')], (spaces, a) =>
    a.replaceAll('\n', `\n${' '.repeat(spaces)}`),
  ),
  sanitize: define<[string]>([text('name')], (a) => a.replaceAll(/[^a-zA-Z0-9_-]/gu, '_')),
  basename: define<[string]>([text('path')], baseName),
  dirname: define<[string]>([text('path')], folderName),
  regex: define<[string, string]>([text('pattern'), text('string')], (pattern, a) => {
    const match = regularExpression(pattern, '').exec(a)
    if (!match) throw new ArgumentError(`the pattern does not match "${a}"`, 1)
    return matched(match)
  }),
  regexall: define<[string, string]>([text('pattern'), text('string')], (pattern, a) => ({
    kind: 'list',
    items: Array.from(a.matchAll(regularExpression(pattern, 'g')), matched),
  })),
  regex_replace: define<[string, string, string]>(
    [text('string'), text('pattern'), text('replace')],
    (a, pattern, replacement) =>
      a.replaceAll(regularExpression(pattern, 'g'), (...found: unknown[]) => expand(replacement, found)),
  ),
}

export function characters(a: string): string[] {
  return Array.from(new Intl.Segmenter().segment(a), ({ segment }) => segment)
}

function trimStart(a: string, cut: string): string {
  let start = 0
  while (start < a.length && cut.includes(a[start]!)) start++
  return a.slice(start)
}

function trimEnd(a: string, cut: string): string {
  let end = a.length
  while (end > 0 && cut.includes(a[end - 1]!)) end--
  return a.slice(0, end)
}

/** A negative offset counts from the end; a negative length goes to the end. */
function substring(a: string, offset: number, length: number): string {
  const all = characters(a)
  const start = offset < 0 ? Math.max(0, all.length + offset) : offset
  return all.slice(start, length < 0 ? undefined : start + length).join('')
}

function baseName(path: string): string {
  const trimmed = path.replace(/\/+$/, '')
  if (trimmed === '') return path === '' ? '.' : '/'
  return trimmed.slice(trimmed.lastIndexOf('/') + 1)
}

function folderName(path: string): string {
  const slash = path.lastIndexOf('/')
  if (slash < 0) return '.'
  const parts: string[] = []
  const isAbsolute = path.startsWith('/')
  for (const part of path.slice(0, slash).split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (part !== '' && part !== '.' && !(part === '..' && isAbsolute)) parts.push(part)
  }
  return `${isAbsolute ? '/' : ''}${parts.join('/')}` || '.'
}

/** Patterns are RE2's; what differs from JavaScript's are flags at the start and the names of groups. */
function regularExpression(pattern: string, flags: string): RegExp {
  const own = /^\(\?([ims]+)\)/.exec(pattern)
  const source = pattern
    .slice(own?.[0].length ?? 0)
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\z', '$(?![^])')
    .replaceAll('\\A', '^')
  try {
    return new RegExp(source, `${flags}${own?.[1] ?? ''}u`)
  } catch (error) {
    throw new ArgumentError(`the pattern is no regular expression: ${(error as Error).message}`, 0)
  }
}

/** The text matched; its groups if it has any, by name if they have names. */
function matched(match: RegExpExecArray): Value {
  const [whole, ...groups] = match
  if (match.groups)
    return {
      kind: 'object',
      entries: new Map(
        Object.entries(match.groups)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, found]) => [name, found ?? null]),
      ),
    }
  return groups.length === 0 ? whole : tuple(groups.map((group) => (group as string | undefined) ?? null))
}

/** `$1` and `${name}` of a replacement; a name goes as far as it can. */
function expand(replacement: string, found: readonly unknown[]): string {
  const named = typeof found.at(-1) === 'object' ? (found.at(-1) as Record<string, string | undefined>) : {}
  return replacement.replaceAll(/\$(?:\$|(\w+)|\{(\w+)\})/g, (written, bare?: string, braced?: string) => {
    const name = bare ?? braced
    if (name === undefined) return written === '$$' ? '$' : written
    const group = /^\d+$/.test(name)
      ? Number(name) < found.length
        ? found[Number(name)]
        : undefined
      : named[name]
    return typeof group === 'string' ? group : ''
  })
}
