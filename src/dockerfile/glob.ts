/**
 * The matcher below file patterns: a pattern as a list of tokens, matched without recursion in time linear in the
 * text for every wildcard.
 */

export interface CharacterClass {
  readonly isNegated: boolean
  /** pairs of first and last code point */
  readonly ranges: readonly (readonly [first: number, last: number])[]
}

export type Token =
  | { readonly kind: 'text'; readonly text: string }
  /** one character that is no "/" */
  | { readonly kind: 'character' }
  | { readonly kind: 'class'; readonly class: CharacterClass }
  /** any characters that are no "/"; `settles`: once it is reached, earlier wildcards are not tried again, as in Go */
  | { readonly kind: 'star'; readonly settles: boolean }
  /** nothing, or anything that ends in a "/" */
  | { readonly kind: 'folders' }
  /** anything at all */
  | { readonly kind: 'anything' }

/** Whether the tokens match the whole text. */
export function matchTokens(tokens: readonly Token[], text: string): boolean {
  return run(tokens, text, false)
}

/** Whether the tokens can match a longer text that begins with `prefix`. */
export function canMatchBelow(tokens: readonly Token[], prefix: string): boolean {
  return run(tokens, prefix, true)
}

function run(tokens: readonly Token[], text: string, isPrefix: boolean): boolean {
  const pending: number[] = []
  let tried: Set<number> | undefined
  let at = 0
  let position = 0
  for (;;) {
    const token = tokens[at]
    if (position === text.length && (token !== undefined) === isPrefix) return true
    if (token?.kind === 'anything' && at === tokens.length - 1) return true
    let next: number | undefined
    if (token !== undefined && isWildcard(token)) {
      if (token.kind === 'star' && token.settles) pending.length = 0
      // every wildcard is tried once at every position
      const state = at * (text.length + 1) + position
      tried ??= new Set()
      if (!tried.has(state)) {
        tried.add(state)
        const further = wildcardEnd(token, text, position)
        if (further !== undefined) pending.push(at, further)
        next = position
      }
    } else if (token !== undefined) {
      if (isPrefix && token.kind === 'text' && token.text.startsWith(text.slice(position))) return true
      next = plainEnd(token, text, position)
    }
    if (next !== undefined) {
      at++
      position = next
      continue
    }
    if (pending.length === 0) return false
    position = pending.pop()!
    at = pending.pop()!
  }
}

type Wildcard = Extract<Token, { kind: 'star' | 'folders' | 'anything' }>

function isWildcard(token: Token): token is Wildcard {
  return token.kind === 'star' || token.kind === 'folders' || token.kind === 'anything'
}

/** Where a token that is no wildcard ends when it matches at `position`. */
function plainEnd(token: Exclude<Token, Wildcard>, text: string, position: number): number | undefined {
  if (token.kind === 'character') return characterEnd(text, position)
  if (token.kind === 'class') return classEnd(token.class, text, position)
  return text.startsWith(token.text, position) ? position + token.text.length : undefined
}

/** Where a wildcard can go on after taking the least it can take from `position`. */
function wildcardEnd({ kind }: Wildcard, text: string, position: number): number | undefined {
  if (position >= text.length) return undefined
  if (kind === 'star') return characterEnd(text, position)
  if (kind === 'anything') return position + widthAt(text, position)
  const slash = text.indexOf('/', position)
  return slash === -1 ? undefined : slash + 1
}

function characterEnd(text: string, position: number): number | undefined {
  if (position >= text.length || text[position] === '/') return undefined
  return position + widthAt(text, position)
}

function classEnd({ isNegated, ranges }: CharacterClass, text: string, position: number): number | undefined {
  const code = text.codePointAt(position)
  if (code === undefined) return undefined
  const isInside = ranges.some(([first, last]) => first <= code && code <= last)
  return isInside === isNegated ? undefined : position + widthAt(text, position)
}

function widthAt(text: string, position: number): number {
  return text.codePointAt(position)! > 0xffff ? 2 : 1
}
