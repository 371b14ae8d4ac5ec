import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openFaultClient } from '../../test/support/fault-client.ts'
import type { FaultAction, FaultRegistryOptions, Purpose } from '../../test/support/fault-registry.ts'
import { bytesBlob, mediaTypes } from '../oci/index.ts'
import { BadAnswer } from './answer.ts'
import type { Credentials } from './credentials.ts'
import { explain } from './explain.ts'
import { RegistryFailure } from './registry-failure.ts'

const layer = bytesBlob(mediaTypes.layerGzip, Buffer.from('some layer'))
const answer = (status: number, code = '', message = ''): FaultAction => ({
  kind: 'answer',
  status,
  body: code === '' ? message : JSON.stringify({ errors: [{ code, message }] }),
})

interface Case {
  readonly on: Purpose
  readonly act?: FaultAction
  readonly server?: FaultRegistryOptions
  readonly credentials?: Credentials
  readonly code: string
  readonly message: string
  readonly hint?: string
}

const push = 'cannot push layer sha256:5cb8e097b285… to HOST/acme/api'
const secret = { username: 'ann', password: 'wrong' }

/** Fault -> text. HOST stands for the address of the server. */
const cases: readonly Case[] = [
  {
    on: 'POST upload',
    act: answer(403, 'DENIED', 'permission_denied: write_package'),
    code: 'REGISTRY_UNAUTHORIZED',
    message: `${push}: the registry wants credentials (403 DENIED: permission_denied: write_package)`,
    hint: 'log in with write access: slipway login HOST',
  },
  {
    on: 'POST upload',
    server: { auth: { scheme: 'basic', username: 'ann', password: 'right' } },
    credentials: secret,
    code: 'REGISTRY_UNAUTHORIZED',
    message: `${push}: the registry refused the credentials of "ann" (401 UNAUTHORIZED: authentication required)`,
    hint: 'log in again: slipway login HOST',
  },
  {
    on: 'POST upload',
    server: { auth: { scheme: 'bearer', username: 'ann', password: 'right' } },
    credentials: secret,
    code: 'REGISTRY_UNAUTHORIZED',
    message: `${push}: the token server HOST refused the credentials of "ann" (401 UNAUTHORIZED: wrong password)`,
    hint: 'log in again: slipway login HOST',
  },
  {
    on: 'POST upload',
    act: answer(404, 'NAME_UNKNOWN', 'repository name not known to registry'),
    code: 'REGISTRY_REFUSED',
    message: `${push}: the registry has no such repository (404 NAME_UNKNOWN: repository name not known to registry)`,
    hint: 'create the repository acme/api there, or check its name',
  },
  {
    on: 'POST upload',
    act: answer(405, 'UNSUPPORTED', 'The operation is unsupported.'),
    code: 'REGISTRY_REFUSED',
    message: `${push}: the registry does not take writes (405 UNSUPPORTED: The operation is unsupported.)`,
    hint: 'it may be read-only or a mirror',
  },
  {
    on: 'POST upload',
    act: answer(429, 'TOOMANYREQUESTS', 'slow down'),
    code: 'REGISTRY_REFUSED',
    message: `${push}: the registry asks us to slow down (429 TOOMANYREQUESTS: slow down), after 5 attempts`,
    hint: 'wait a while, or log in: slipway login HOST',
  },
  {
    on: 'PUT upload',
    act: answer(413, '', '<html>nginx</html>'),
    code: 'REGISTRY_REFUSED',
    message: `${push}: the registry takes no body of this size (413)`,
    hint: 'raise the size limit of the proxy in front of it',
  },
  {
    on: 'PUT upload',
    act: answer(500, '', 'disk\n\u001b[31mfull'),
    code: 'REGISTRY_REFUSED',
    message: `${push}: the registry failed (500 disk [31mfull), after 5 attempts`,
    hint: 'look at the logs of the registry, or try again later',
  },
  {
    on: 'PUT upload',
    act: answer(400, 'DIGEST_INVALID', 'provided digest did not match'),
    code: 'CONTENT_MISMATCH',
    message: `${push}: the registry received other bytes than were announced (400 DIGEST_INVALID: provided digest did not match)`,
    hint: 'a file may have changed while it was sent; run the same command again',
  },
  {
    on: 'PUT upload',
    act: { kind: 'drop', afterBytes: 1 },
    code: 'REGISTRY_UNREACHABLE',
    message: `${push}: the connection to HOST broke (ECONNRESET), after 5 attempts`,
    hint: 'run the same command again; what has arrived is kept',
  },
  {
    on: 'POST upload',
    act: { kind: 'answer', status: 202 },
    code: 'REGISTRY_REFUSED',
    message: `${push}: the registry opened an upload session but gave no usable Location for it`,
  },
  {
    on: 'POST upload',
    act: { kind: 'answer', status: 307, headers: { location: '/v2/acme/api/blobs/uploads/' } },
    code: 'REGISTRY_UNREACHABLE',
    message: `${push}: HOST answers with more than 10 redirects`,
  },
  {
    on: 'POST upload',
    act: answer(418, '', 'x'.repeat(70_000)),
    code: 'REGISTRY_REFUSED',
    message: `${push}: the registry refused it (418)`,
  },
]

for (const { on, act, server: options = {}, credentials, code, message, hint } of cases) {
  const title = act?.kind === 'answer' ? act.status : (act?.kind ?? 'wrong credentials')
  test(`${on}: ${title} is told as "${message.slice(push.length + 2, push.length + 50)}"`, async (t) => {
    const faults = act ? [{ on, times: 100, act }] : []
    const { server, registry } = await openFaultClient(
      t,
      { ...options, faults },
      { credentials: async () => credentials },
    )
    const pushing = registry.pushBlob('acme/api', layer, { skipHead: on !== 'HEAD blob' })
    await assert.rejects(pushing, (error: unknown) => {
      assert.ok(error instanceof RegistryFailure)
      assert.equal(error.code, code)
      assert.equal(error.message.replaceAll(server.host, 'HOST'), message)
      assert.equal(error.hint?.replaceAll(server.host, 'HOST'), hint)
      if (act?.kind === 'answer' && act.status >= 400) assert.equal(error.status, act.status)
      return true
    })
  })
}

test('the failure carries the request with its secrets taken out', async (t) => {
  const { server, registry } = await openFaultClient(t, {
    location: 'query',
    faults: [{ on: 'PUT upload', act: answer(400, 'UNSUPPORTED', 'no') }],
  })
  await assert.rejects(registry.pushBlob('acme/api', layer), (error: unknown) => {
    assert.ok(error instanceof RegistryFailure)
    assert.equal(error.method, 'PUT')
    assert.match(
      String(error.url),
      new RegExp(`^http://${server.host}/v2/acme/api/blobs/uploads/session-1\\?_state=…&x&digest=sha256`),
    )
    assert.deepEqual(error.errors, [{ code: 'UNSUPPORTED', message: 'no' }])
    return true
  })
})

const system = (code: string, more: object = {}) =>
  Object.assign(new Error(`system says ${code}`), { code, ...more })

for (const [error, why] of [
  [system('ECONNREFUSED', { address: '::1', port: 5000 }), 'nothing listens on [::1]:5000 (ECONNREFUSED)'],
  [
    Object.assign(
      new AggregateError([
        system('ECONNREFUSED', { address: '::1', port: 5000 }),
        system('ECONNREFUSED', { address: '127.0.0.1', port: 5000 }),
      ]),
      { code: 'ECONNREFUSED' },
    ),
    'nothing listens on [::1]:5000 or 127.0.0.1:5000 (ECONNREFUSED)',
  ],
  [system('ENOTFOUND'), 'the name r.example cannot be resolved (ENOTFOUND)'],
  [system('ETIMEDOUT', { address: '10.0.0.1', port: 443 }), 'no connection to 10.0.0.1:443 (ETIMEDOUT)'],
  [Object.assign(new Error('no answer within 60 s'), { code: 'ETIMEDOUT' }), 'no answer within 60 s'],
  [system('HPE_INVALID_CONSTANT'), 'r.example does not speak HTTP (HPE_INVALID_CONSTANT)'],
  [system('EPROTO'), 'r.example does not speak TLS (EPROTO)'],
  [system('EHOSTUNREACH'), 'system says EHOSTUNREACH (EHOSTUNREACH)'],
] as const) {
  test(`${why} is what is said of ${(error as { code: string }).code}`, () => {
    const undertaking = { what: 'read it', host: 'r.example', repository: 'a', access: 'read' } as const
    const explained = explain(error, undertaking, 1)
    assert.ok(explained instanceof RegistryFailure)
    assert.equal(explained.code, 'REGISTRY_UNREACHABLE')
    assert.equal(explained.message, `cannot read it: ${why}`)
    assert.equal(explained.cause, error)
  })
}

for (const [host, status, code, text, why, hint] of [
  [
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com',
    404,
    'NAME_UNKNOWN',
    'The repository does not exist',
    'has no such repository',
    'aws ecr create-repository --region eu-west-1 --repository-name acme/api',
  ],
  [
    'r.example',
    400,
    'NAME_UNKNOWN',
    'repository name not known to registry',
    'has no such repository',
    'create the repository acme/api there, or check its name',
  ],
  [
    'r.example',
    412,
    'PRECONDITION',
    'will exceed the configured upper limit of 10.0 GiB',
    'has no room left',
    'delete old images of r.example/acme/api, or have its quota raised',
  ],
  [
    'r.example',
    403,
    'DENIED',
    'quota exceeded',
    'has no room left',
    'delete old images of r.example/acme/api, or have its quota raised',
  ],
  [
    'r.example',
    404,
    'BLOB_UPLOAD_INVALID',
    'blob upload invalid',
    'loses upload sessions',
    'registries behind one address must share their storage and their secret',
  ],
] as const) {
  test(`${status} ${code} of ${host} means that it ${why}`, () => {
    const answered = new BadAnswer({
      method: 'PUT',
      url: new URL(`https://${host}/v2/acme/api/blobs/uploads/1`),
      status,
      problems: [{ code, message: text }],
      retryAfterMs: undefined,
      who: 'the registry',
      isForeign: false,
      credentials: undefined,
      isDenied: false,
    })
    const undertaking = { what: 'push it', host, repository: 'acme/api', access: 'write' } as const
    const explained = explain(answered, undertaking, 1)
    assert.ok(explained instanceof RegistryFailure)
    assert.equal(explained.code, 'REGISTRY_REFUSED')
    assert.equal(explained.message, `cannot push it: the registry ${why} (${status} ${code}: ${text})`)
    assert.equal(explained.hint, hint)
  })
}

test('aborts and bugs are left alone', () => {
  const undertaking = { what: 'x', host: 'h', repository: 'a', access: 'read' } as const
  for (const error of [new DOMException('stop', 'AbortError'), new TypeError('a bug')]) {
    assert.equal(explain(error, undertaking, 1), error)
  }
})
