/** The Authorization header for each request to one registry, as its challenges ask for it. */
import { Failure, type Waiting } from '../base/index.ts'
import { parseChallenges, type Challenge } from './challenge.ts'
import { basicAuthorization, type CredentialSource } from './credentials.ts'
import { isLoopback } from './host.ts'
import { coversScopes } from './scope.ts'
import { newTokens, type TokenContext, type TokenServer } from './tokens.ts'

export interface Authorization {
  /** what to send for the scopes as far as the registry is known; nothing before its first challenge */
  readonly header: (scopes: readonly string[], options?: Waiting) => Promise<string | undefined>
  /** what to send after a 401; nothing when no other header could do better than the `rejected` one */
  readonly renew: (
    challenge: string | undefined,
    scopes: readonly string[],
    options?: Waiting & { readonly rejected?: string | undefined },
  ) => Promise<string | undefined>
  /** whether credentials of the user are in play */
  readonly hasCredentials: () => boolean
}

export interface AuthorizationContext extends Omit<TokenContext, 'credentials'> {
  /** host as references write it */
  readonly host: string
  readonly credentials: CredentialSource | undefined
}

export function newAuthorization(context: AuthorizationContext): Authorization {
  const { host } = context
  let asked: Promise<Awaited<ReturnType<CredentialSource>>> | undefined
  let hasCredentials = false
  /** Asked once and only after a challenge: helpers take up to seconds. */
  const credentials = async () => {
    asked ??= context.credentials?.(host)
    const found = await asked
    hasCredentials = found !== undefined
    return found
  }
  const tokens = newTokens({ ...context, credentials })
  let known: Challenge | undefined

  async function headerFor(
    scopes: readonly string[],
    options: Waiting & { rejected?: string | undefined } = {},
  ) {
    if (known?.scheme === 'bearer') {
      const rejected = options.rejected?.replace(/^Bearer /, '')
      const server = tokenServer(known, host)
      return `Bearer ${await tokens.find(server, scopes, { ...options, rejected })}`
    }
    if (known?.scheme !== 'basic') return undefined
    const found = await credentials()
    return found && 'username' in found ? basicAuthorization(found.username, found.password) : undefined
  }

  return {
    header: headerFor,
    async renew(header, scopes, options = {}) {
      const challenges = parseChallenges(header ?? '')
      const chosen =
        challenges.find((one) => one.scheme === 'bearer' && one.parameters.has('realm')) ??
        challenges.find((one) => one.scheme === 'basic')
      if (!chosen) return undefined
      known = chosen
      const renewed = await headerFor(withAsked(scopes, chosen), options)
      return renewed === options.rejected ? undefined : renewed
    },
    hasCredentials: () => hasCredentials,
  }
}

/** Our scopes first, for servers that read only the first; then what the challenge names beyond them. */
function withAsked(scopes: readonly string[], challenge: Challenge): readonly string[] {
  const asked = (challenge.parameters.get('scope') ?? '').split(' ')
  return [...scopes, ...asked.filter((scope) => scope !== '' && !coversScopes(scopes, [scope]))]
}

function tokenServer(challenge: Challenge, host: string): TokenServer {
  const text = challenge.parameters.get('realm') ?? ''
  const realm = URL.canParse(text) ? new URL(text) : undefined
  // Credentials must not leave TLS because a registry says so.
  const isSafe = realm?.protocol === 'https:' || (realm?.protocol === 'http:' && isLoopback(host))
  if (!realm || !isSafe) {
    throw new Failure(
      'REGISTRY_UNAUTHORIZED',
      `${host} sends us to "${text}" for a token, which is not an https address`,
    )
  }
  return { realm, service: challenge.parameters.get('service') }
}
