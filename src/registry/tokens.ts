/**
 * Bearer tokens (distribution "Token Authentication" and "OAuth2 Token"). A token is kept until shortly before it
 * expires, serves every request its scopes cover, and is fetched once however many ask.
 */
import { Failure, type Waiting } from '../base/index.ts'
import {
  readAtMost,
  type Clock,
  type HttpClient,
  type HttpRequest,
  type HttpResponse,
} from '../http/index.ts'
import { readBadAnswer } from './answer.ts'
import { basicAuthorization, type Credentials } from './credentials.ts'
import { coversScopes } from './scope.ts'
import { sharing } from './share.ts'

export interface TokenServer {
  readonly realm: URL
  readonly service: string | undefined
}

export interface TokenContext {
  readonly client: HttpClient
  readonly clock: Clock
  /** those for a repository, `` for none */
  readonly credentials: (repository: string) => Promise<Credentials | undefined>
  readonly onRequest: () => void
}

export interface Tokens {
  /** a token for the scopes, but not the one that was `rejected` */
  readonly find: (
    server: TokenServer,
    scopes: readonly string[],
    options: Waiting & {
      /** whose credentials are shown to the token server, `` for those of the whole registry */
      readonly repository: string
      readonly rejected?: string | undefined
    },
  ) => Promise<string>
}

interface Held {
  readonly token: string
  readonly scopes: readonly string[]
  readonly expiresAt: number
}

const defaultLifeSeconds = 60
const longestAnswer = 1 << 20
/** How servers say that they do not know the OAuth2 form; Artifactory says 401. */
const withoutExchange = new Set([400, 401, 404, 405, 501])

/** @throws BadAnswer of the token server, system errors */
export function newTokens(context: TokenContext): Tokens {
  let held: Held[] = []
  const dialect: Dialect = { knowsExchange: true }
  const fetching = sharing<string>()
  return {
    async find(server, scopes, { repository, rejected, signal }) {
      held = held.filter((one) => one.token !== rejected && one.expiresAt > context.clock.now())
      const known = held.find((one) => coversScopes(one.scopes, scopes))
      if (known) return known.token
      const fetchOne = async (ownSignal: AbortSignal) => {
        const credentials = await context.credentials(repository)
        const fetched = await fetchToken({ server, scopes, credentials, dialect }, context, ownSignal)
        held.push(fetched)
        return fetched.token
      }
      return fetching(scopes.join(' '), fetchOne, { signal })
    },
  }
}

/** What the token server has shown. */
interface Dialect {
  /** takes refresh tokens in a POST (OAuth2) */
  knowsExchange: boolean
}

interface TokenQuestion {
  readonly dialect: Dialect
  readonly server: TokenServer
  readonly scopes: readonly string[]
  readonly credentials: Credentials | undefined
}

async function fetchToken(
  { server, scopes, credentials, dialect }: TokenQuestion,
  context: TokenContext,
  signal: AbortSignal,
): Promise<Held> {
  const askedAt = context.clock.now()
  const send = (request: HttpRequest) =>
    context.client.send({ ...request, signal, onRequest: context.onRequest })
  let response: HttpResponse | undefined
  const exchanges = credentials && 'identityToken' in credentials && dialect.knowsExchange
  if (exchanges) {
    response = await send(exchangeRequest(server, scopes, credentials.identityToken))
    if (withoutExchange.has(response.status)) {
      response.discard()
      response = undefined
    }
  }
  if (!response) {
    response = await send(plainRequest(server, scopes, credentials && passwordOf(credentials)))
    if (exchanges && response.status === 200) dialect.knowsExchange = false
  }
  try {
    const who = `the token server ${server.realm.host}`
    if (response.status !== 200) {
      const details = { method: 'GET', who, credentials, now: askedAt }
      throw await readBadAnswer(response, details)
    }
    const { token, lifeSeconds } = parseToken(await readAtMost(response.body, longestAnswer), who)
    // A tenth of the life is kept in reserve for requests on their way and clocks that differ.
    return { token, scopes, expiresAt: askedAt + lifeSeconds * 900 }
  } finally {
    response.discard()
  }
}

/** Servers without the OAuth2 form take a refresh token as a password. */
function passwordOf(credentials: Credentials): string | undefined {
  if ('identityToken' in credentials) return basicAuthorization('<token>', credentials.identityToken)
  return 'username' in credentials
    ? basicAuthorization(credentials.username, credentials.password)
    : undefined
}

function plainRequest(
  server: TokenServer,
  scopes: readonly string[],
  authorization: string | undefined,
): HttpRequest {
  const url = new URL(server.realm)
  if (server.service !== undefined) url.searchParams.append('service', server.service)
  for (const scope of scopes) url.searchParams.append('scope', scope)
  return {
    method: 'GET',
    url,
    headers: authorization === undefined ? {} : { authorization },
  }
}

function exchangeRequest(server: TokenServer, scopes: readonly string[], identityToken: string): HttpRequest {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: 'slipway',
    refresh_token: identityToken,
    scope: scopes.join(' '),
    ...(server.service !== undefined && { service: server.service }),
  })
  const bytes = Buffer.from(form.toString())
  return {
    method: 'POST',
    url: server.realm,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: {
      size: bytes.length,
      async *open() {
        yield bytes
      },
    },
  }
}

function parseToken(bytes: Uint8Array | undefined, who: string): { token: string; lifeSeconds: number } {
  let answer: unknown
  try {
    answer = JSON.parse(Buffer.from(bytes ?? []).toString('utf8'))
  } catch {
    answer = undefined
  }
  const fields = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>
  const token = [fields['token'], fields['access_token']].find(
    (value) => typeof value === 'string' && value !== '',
  )
  // Anything else could not be a header value, or would smuggle one.
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) {
    throw new Failure('REGISTRY_UNAUTHORIZED', `${who} gave no token`)
  }
  const life = Number(fields['expires_in'])
  return { token, lifeSeconds: Number.isFinite(life) && life > 0 ? life : defaultLifeSeconds }
}
