import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeTls } from './explain-tls.ts'

const error = (code: string, details: object = {}) => Object.assign(new Error(code), { code, ...details })

for (const [failed, code, why, hint] of [
  [
    error('DEPTH_ZERO_SELF_SIGNED_CERT'),
    'REGISTRY_CERTIFICATE',
    'the certificate of r.example:5000 is signed by nobody this machine knows (DEPTH_ZERO_SELF_SIGNED_CERT)',
    '~/.config/containers/certs.d/r.example:5000/ca.crt',
  ],
  [
    error('UNABLE_TO_VERIFY_LEAF_SIGNATURE', { peer: 'auth.example' }),
    'REGISTRY_CERTIFICATE',
    'the certificate of auth.example is signed by nobody this machine knows (UNABLE_TO_VERIFY_LEAF_SIGNATURE)',
    '/etc/docker/certs.d/r.example:5000/ca.crt',
  ],
  [
    error('CERT_HAS_EXPIRED'),
    'REGISTRY_CERTIFICATE',
    'the certificate of r.example:5000 has expired (CERT_HAS_EXPIRED)',
    'clock',
  ],
  [
    error('CERT_NOT_YET_VALID'),
    'REGISTRY_CERTIFICATE',
    'the certificate of r.example:5000 is not valid yet (CERT_NOT_YET_VALID)',
    'clock',
  ],
  [
    error('ERR_TLS_CERT_ALTNAME_INVALID', {
      cert: { subjectaltname: 'DNS:other.example' },
    }),
    'REGISTRY_CERTIFICATE',
    'the certificate of r.example:5000 is for DNS:other.example (ERR_TLS_CERT_ALTNAME_INVALID)',
    'have one made for r.example:5000',
  ],
  [
    error('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'),
    'REGISTRY_CERTIFICATE',
    'r.example:5000 does not let us in without a certificate it knows (ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED)',
    '~/.config/containers/certs.d/r.example:5000/client.cert',
  ],
  [
    error('CERT_REVOKED'),
    'REGISTRY_CERTIFICATE',
    'the certificate of r.example:5000 is not good (CERT_REVOKED)',
    'renewed',
  ],
  [
    error('ERR_SSL_WRONG_VERSION_NUMBER'),
    'REGISTRY_UNREACHABLE',
    'r.example:5000 does not speak TLS (ERR_SSL_WRONG_VERSION_NUMBER)',
    '--insecure-registry r.example:5000',
  ],
] as const) {
  test(`${failed.code} says: ${why}`, () => {
    const judged = judgeTls(failed, 'r.example:5000')
    assert.deepEqual([judged?.code, judged?.why], [code, why])
    assert.ok(judged?.hint.includes(hint), judged?.hint)
  })
}

test('other errors are not of TLS', () => {
  for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'HPE_INVALID_CONSTANT', 'ETIMEDOUT'])
    assert.equal(judgeTls(error(code), 'r.example'), undefined)
})
