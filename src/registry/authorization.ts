/** The Authorization header for each request to one registry, as its challenges ask for it. */
import { Failure, type Waiting } from '../base/index.ts'
import { BadAnswer } from './answer.ts'
import { parseChallenges, type Challenge } from './challenge.ts'
import { basicAuthorization, type Credentials, type CredentialSource } from './credentials.ts'
import { coversScopes, formatScope, type Scope } from './scope.ts'
import { newTokens, type TokenContext, type TokenServer } from './tokens.ts'

export interface Authorization {
  /** what to send for the scopes as far as the registry is known; nothing before its first challenge */
  readonly header: (scopes: readonly Scope[], options?: Waiting & Foresight) => Promise<string | undefined>
  /** what to send after a 401; nothing when no other header could do better than the `rejected` one */
  readonly renew: (
    challenge: string | undefined,
    scopes: readonly Scope[],
    options?: Waiting &
      Foresight & {
        readonly rejected?: string | undefined
        /** the rejected one was fresh and for `soon`, so that no more of them are asked for; default false */
        readonly isSoonRefused?: boolean
      },
  ) => Promise<string | undefined>
  /** the user's credentials that are in play for the scopes, if any */
  readonly shown: (scopes: readonly Scope[]) => Credentials | undefined
}

interface Foresight {
  /** scopes that hold `scopes` and what is needed next; done without where no token is given for them */
  readonly soon?: readonly Scope[] | undefined
}

export interface AuthorizationContext extends Omit<TokenContext, 'credentials'> {
  /** host as references write it */
  readonly host: string
  readonly credentials: CredentialSource | undefined
  /** whether the registry itself is spoken to without TLS, so that its tokens may be fetched without it too */
  readonly isPlain: () => boolean
}

export function newAuthorization(context: AuthorizationContext): Authorization {
  const { host } = context
  const asked = new Map<string, ReturnType<CredentialSource>>()
  const shown = new Map<string, Credentials>()
  /** Asked once for each repository and only after a challenge: helpers take up to seconds. */
  const credentials = async (repository: string) => {
    let found = asked.get(repository)
    if (!found) {
      found = context.credentials?.(host, repository) ?? Promise.resolve(undefined)
      asked.set(repository, found)
    }
    const result = await found
    if (result) shown.set(repository, result)
    return result
  }
  const tokens = newTokens({ ...context, credentials })
  let known: Challenge | undefined
  /** repositories for which no token is given that is good for more than asked */
  const refused = new Set<string>()

  async function headerFor(
    scopes: readonly Scope[],
    options: Waiting & Foresight & { rejected?: string | undefined; challenge?: Challenge } = {},
  ) {
    if (!known) return undefined
    const repository = repositoryOf(scopes)
    const found = await credentials(repository)
    if (known.scheme === 'bearer') {
      if (found && 'registryToken' in found) return `Bearer ${found.registryToken}`
      const rejected = options.rejected?.replace(/^Bearer /, '')
      const server = tokenServer(known, host, context.isPlain())
      const { soon, challenge, signal } = options
      const find = (wanted: readonly Scope[]) => {
        const texts = [...wanted.map(formatScope), ...(challenge ? askedBeyond(wanted, challenge) : [])]
        return tokens.find(server, texts, { signal, repository, rejected })
      }
      if (soon === undefined || refused.has(repository)) return `Bearer ${await find(scopes)}`
      try {
        return `Bearer ${await find(soon)}`
      } catch (error) {
        if (!(error instanceof BadAnswer) || (error.status !== 401 && error.status !== 403)) throw error
        refused.add(repository)
        return `Bearer ${await find(scopes)}`
      }
    }
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
      if (options.isSoonRefused === true) refused.add(repositoryOf(scopes))
      const renewed = await headerFor(scopes, { ...options, challenge: chosen })
      return renewed === options.rejected ? undefined : renewed
    },
    shown: (scopes) => shown.get(repositoryOf(scopes)),
  }
}

/** The one that is worked on; what is mounted from comes after it. */
function repositoryOf(scopes: readonly Scope[]): string {
  return scopes[0]?.repository ?? ''
}

/** Our scopes go first, for servers that read only the first; then what the challenge names beyond them. */
function askedBeyond(scopes: readonly Scope[], challenge: Challenge): readonly string[] {
  const ours = scopes.map(formatScope)
  const asked = (challenge.parameters.get('scope') ?? '').split(' ')
  return asked.filter((scope) => scope !== '' && !coversScopes(ours, [scope]))
}

function tokenServer(challenge: Challenge, host: string, isPlain: boolean): TokenServer {
  const text = challenge.parameters.get('realm') ?? ''
  const realm = URL.canParse(text) ? new URL(text) : undefined
  // Credentials must not leave TLS because a registry says so.
  const isSafe = realm?.protocol === 'https:' || (realm?.protocol === 'http:' && isPlain)
  if (!realm || !isSafe) {
    throw new Failure(
      'REGISTRY_UNAUTHORIZED',
      `${host} sends us to "${text}" for a token, which is not an https address`,
    )
  }
  return { realm, service: challenge.parameters.get('service') }
}
