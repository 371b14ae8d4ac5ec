/** Rewriting of paths: pure functions of the path a route matched, without its query. */
import type { PathRewrite } from '../../model/index.ts'
import { compileRegex } from '../match/regex.ts'

/** @throws Error when it is a regular expression that RE2 does not know */
export function compilePathRewrite(rewrite: PathRewrite): (path: string) => string {
  switch (rewrite.kind) {
    case 'full':
      return () => rooted(rewrite.value)
    case 'path-prefix': {
      const prefix = rewrite.prefix.replace(/\/+$/, '')
      const value = rewrite.value.replace(/\/+$/, '')
      return (path) => {
        const rest = path.slice(prefix.length)
        return path.startsWith(prefix)
          ? rooted(value + (rest === '' || rest.startsWith('/') ? rest : `/${rest}`))
          : path
      }
    }
    case 'prefix':
      return (path) => {
        if (!path.toLowerCase().startsWith(rewrite.prefix.toLowerCase())) return path
        return rooted(rewrite.value + path.slice(rewrite.prefix.length))
      }
    case 'regex': {
      const regex = compileRegex(rewrite.pattern)
      return (path) => rooted(regex.replaceAll(path, rewrite.value))
    }
  }
}

/** A path starts with one slash, and nothing in it can end the line it stands in. */
function rooted(path: string): string {
  const safe = path.replace(/[\0-\x20\x7f-\uffff]/g, (character) => encodeURIComponent(character))
  return safe.startsWith('/') ? safe.replace(/^\/{2,}/, '/') : `/${safe}`
}
