/** Build arguments in documents that everybody can read. */

/** Words of BuildKit's rule SecretsUsedInArgOrEnv, and proxies, whose addresses may hold a password. */
const secret =
  /(?:^|_|-)(?:apikey|auth|credentials?|key|passwd|password|pword|secret|token)(?:_|-|$)|_proxy$/i

export const masked = '***'

/** Arguments in byte order of their names; values that look secret by their name are masked. */
export function maskedArgs(args: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(args)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [name, secret.test(name) ? masked : withoutPassword(value)]),
  )
}

/** An address keeps everything but its user and password. */
function withoutPassword(value: string): string {
  return value.replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/)[^/\s@]+@/gi, `$1${masked}@`)
}
