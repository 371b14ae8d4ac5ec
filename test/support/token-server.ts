/**
 * A token server for real registries (distribution "Token Authentication" and "OAuth2 Token"): checks passwords and
 * refresh tokens, and signs what its users may do. Our own, as no token server of others can be had from the packages
 * that tests are built from; what accepts or refuses the tokens is the real registry.
 */
import { createPrivateKey, randomUUID, sign, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { selfSigned } from './certificates.ts'

export interface TokenUser {
  readonly password: string
  /** what the user may do, by the start of repository names; `''` is every repository */
  readonly access: Readonly<Record<string, readonly string[]>>
  /** a refresh token that stands for the user */
  readonly identityToken?: string
}

export interface TokenServerOptions {
  /** folder for its key and certificate */
  readonly folder: string
  readonly users: Readonly<Record<string, TokenUser>>
  /** how long registries take a token, default 300 */
  readonly lifeSeconds?: number
  /** how long the answer says that it is good, default `lifeSeconds`; nothing says nothing */
  readonly announcedSeconds?: number | 'none'
  /** answer to the POST of a refresh token, default a token; 404 for servers that know only GET */
  readonly exchangeStatus?: 200 | 404
  /** field of the answer that has the token, default `token` */
  readonly field?: 'token' | 'access_token'
}

export interface TokenRequest {
  readonly method: string
  readonly user: string | undefined
  readonly scopes: readonly string[]
  readonly status: number
}

export interface TokenServer {
  /** the `auth` section of a registry's configuration */
  readonly auth: object
  readonly requests: readonly TokenRequest[]
  readonly stop: () => Promise<void>
}

const service = 'registry of tests'
const issuer = 'token server of tests'
/** Registries take a token for so long after it has expired. */
const leewaySeconds = 60

export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const { users, lifeSeconds = 300, exchangeStatus = 200, field = 'token' } = options
  const files = await selfSigned(options.folder, 'tokens')
  const key = createPrivateKey(await readFile(files.key))
  const certificate = new X509Certificate(await readFile(files.certificate)).raw.toString('base64')
  const requests: TokenRequest[] = []

  function tokenFor(user: string, scopes: readonly string[]): string {
    const now = Math.floor(Date.now() / 1000)
    const header = { typ: 'JWT', alg: 'ES256', x5c: [certificate] }
    const claims = {
      iss: issuer,
      sub: user,
      aud: service,
      iat: now,
      nbf: now - leewaySeconds - 1,
      exp: now + lifeSeconds - leewaySeconds,
      jti: randomUUID(),
      access: scopes.flatMap((scope) => granted(users[user], scope)),
    }
    const text = [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    const signature = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' })
    return `${text}.${signature.toString('base64url')}`
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '', 'http://localhost')
    const form = new URLSearchParams(await bodyOf(request))
    const isExchange = request.method === 'POST'
    const scopes = isExchange ? (form.get('scope') ?? '').split(' ') : url.searchParams.getAll('scope')
    const user = isExchange
      ? ownerOf(users, form.get('refresh_token'))
      : userOf(users, request.headers.authorization)
    const status = isExchange && exchangeStatus !== 200 ? exchangeStatus : user === undefined ? 401 : 200
    requests.push({ method: request.method ?? '', user, scopes, status })
    const seconds = options.announcedSeconds ?? lifeSeconds
    const answer =
      status === 200
        ? { [field]: tokenFor(user ?? '', scopes), ...(seconds !== 'none' && { expires_in: seconds }) }
        : { errors: [{ code: 'UNAUTHORIZED', message: 'wrong user or password' }] }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  }

  const server = createServer((request, response) => void serve(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const realm = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`
  return {
    auth: { token: { realm, service, issuer, rootcertbundle: files.certificate } },
    requests,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** What of a scope such as `repository:acme/api:pull,push` the user gets; everybody else may pull what is `public/`. */
function granted(user: TokenUser | undefined, scope: string) {
  const [type = '', name = '', wanted = ''] = scope.split(':')
  const access = user?.access ?? { 'public/': ['pull'] }
  const [, held = []] = Object.entries(access).find(([start]) => name.startsWith(start)) ?? []
  const actions = wanted.split(',').filter((action) => held.includes(action))
  return actions.length === 0 ? [] : [{ type, name, actions }]
}

/** `` for nobody, nothing for somebody who is not known */
function userOf(users: TokenServerOptions['users'], authorization: string | undefined): string | undefined {
  if (authorization === undefined) return ''
  const text = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString()
  const [name = '', password] = text.split(/:(.*)/s)
  if (name === '<token>') return ownerOf(users, password)
  return users[name]?.password === password ? name : undefined
}

function ownerOf(users: TokenServerOptions['users'], token: string | null | undefined): string | undefined {
  return Object.keys(users).find((name) => token !== undefined && users[name]?.identityToken === token)
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk as string
  return text
}
