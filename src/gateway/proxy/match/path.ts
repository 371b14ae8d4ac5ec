/**
 * Paths are made canonical before routes see them, and go to the backend as routes saw them, so that nobody is routed by
 * one path and served another (RFC 3986 section 6.2.2; Envoy's `normalize_path`): escaped unreserved characters are
 * unescaped, dot segments removed, `\` is `/`. `%2F` stays as it is, and so do double slashes.
 */

export interface Target {
  readonly path: string
  /** without its `?`; nothing: there is none */
  readonly query: string | undefined
}

/** Paths that may need work: an escape, a backslash or a segment that starts with a dot. */
const suspicious = /[%\\]|\/\./

/** Splits and normalises an origin-form target. Nothing when it is none, has a fragment or an escaped NUL. */
export function parseTarget(target: string): Target | undefined {
  if (target.charCodeAt(0) !== 47 || target.includes('#')) return undefined
  const mark = target.indexOf('?')
  const path = mark < 0 ? target : target.slice(0, mark)
  const query = mark < 0 ? undefined : target.slice(mark + 1)
  if (!suspicious.test(path)) return { path, query }
  const normal = normalizePath(path)
  return normal === undefined ? undefined : { path: normal, query }
}

/** Nothing for a path that has an escaped NUL. */
export function normalizePath(path: string): string | undefined {
  if (path.includes('%00')) return undefined
  const plain = path.replaceAll('\\', '/').replace(/%([0-9a-fA-F]{2})/g, (escape, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16))
    return /[A-Za-z0-9._~-]/.test(character) ? character : escape.toUpperCase()
  })
  return plain.includes('/.') ? removeDotSegments(plain) : plain
}

/** RFC 3986 section 5.2.4; nothing is above the root. */
function removeDotSegments(path: string): string {
  const kept: string[] = []
  const segments = path.slice(1).split('/')
  for (const [index, segment] of segments.entries()) {
    const isDots = segment === '.' || segment === '..'
    if (segment === '..') kept.pop()
    if (!isDots) kept.push(segment)
    else if (index === segments.length - 1) kept.push('')
  }
  return `/${kept.join('/')}`
}
