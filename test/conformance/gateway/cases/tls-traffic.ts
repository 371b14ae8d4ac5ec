/** TLS to backends by BackendTLSPolicy, and certificates of clients and of the Gateway. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { ask, eventually, type Asked } from '../client.ts'
import { expectRows, type Row } from '../expecting.ts'
import {
  backends,
  backendTls,
  configMap,
  endpointSlice,
  gateway,
  http,
  https,
  infra,
  matching,
  route,
  service,
  type KubeManifest,
} from '../objects.ts'
import { exactly, type SuiteCase } from '../suite-case.ts'
import type { Pair } from '../suite-certificates.ts'
import { spiffeId } from '../suite-certificates.ts'
import type { TrafficWorld } from '../traffic-world.ts'
import { accepted, changed, expectListeners, expectObject, expectPolicy, expectRoute } from '../world.ts'

const failed = { status: [500, 502, 503] }
const fine = ['Accepted=True/Accepted', 'ResolvedRefs=True/ResolvedRefs']
const certificate = 'tls-validity-checks-certificate'
const toTls = (name: string, port = 443) => ({ name, port })
const at = (second: number) => ({ creationTimestamp: `2026-01-01T00:00:0${second}Z` })

/** Services whose endpoints are those of `tls-backend`; made once its pod's port is known. */
function servicesOf(world: TrafficWorld, names: readonly string[]): KubeManifest[] {
  const pod = world.pods.pods.find(
    (candidate) => candidate.service === 'tls-backend' && candidate.namespace === infra,
  )
  assert.ok(pod)
  return names.flatMap((name) => [
    service(name, [
      { name: 'btls', port: 443, targetPort: 8443 },
      { name: 'other', port: 8443, targetPort: 8443 },
    ]),
    endpointSlice(
      name,
      ['btls', 'other'].map((port) => ({ name: port, port: pod.ports.https })),
      [{ address: pod.address, pod: pod.name }],
    ),
  ])
}

/** Runs with Services that are gone afterwards. */
async function withServices(
  world: TrafficWorld,
  names: readonly string[],
  run: () => Promise<void>,
): Promise<void> {
  const made = servicesOf(world, names)
  await world.apply(...made)
  try {
    await run()
  } finally {
    await world.replace({ gone: made })
  }
}

/** A rule to a Service of the same name as its path. */
const ruleTo = (name: string, port = 443) => matching([exactly(`/${name}`)], toTls(name, port))

export const tlsTrafficCases: readonly SuiteCase<TrafficWorld>[] = [
  {
    name: 'BackendTLSPolicy',
    objects: [
      route('HTTPRoute', 'web', {
        hostnames: ['abc.example.com'],
        rules: ['valid', 'host-mismatch', 'cert-mismatch', 'changing'].map((name) => ruleTo(name)),
      }),
      route('HTTPRoute', 're-encrypted', {
        to: ['same-namespace-with-https-listener'],
        hostnames: ['https-listener.org'],
        rules: [ruleTo('valid')],
      }),
      configMap('changing-authority', { 'ca.crt': 'not yet' }),
      backendTls('valid', { name: 'valid', sectionName: 'btls' }),
      backendTls('host-mismatch', 'host-mismatch', { hostname: 'mismatch.example.com' }),
      backendTls('cert-mismatch', 'cert-mismatch', authorityIn('mismatch-ca-certificate')),
      backendTls('changing', 'changing', authorityIn('changing-authority')),
    ],
    async run(world) {
      await withServices(world, ['valid', 'host-mismatch', 'cert-mismatch', 'changing'], async () => {
        for (const name of ['valid', 'host-mismatch', 'cert-mismatch']) {
          expectPolicy(world, name, 'same-namespace', ...fine)
        }
        expectPolicy(world, 'valid', 'same-namespace-with-https-listener', ...fine)
        expectPolicy(world, 'changing', 'same-namespace', 'ResolvedRefs=False/InvalidCACertificateRef')
        await expectRows(world, 'same-namespace', [
          ['abc.example.com/valid', { seen: { serverName: 'abc.example.com' } }],
          ['abc.example.com/host-mismatch', failed],
          ['abc.example.com/cert-mismatch', failed],
          ['abc.example.com/changing', failed],
        ])
        const tls = { authority: world.certificates.authority }
        await expectRows(world, 'same-namespace-with-https-listener', [
          [{ host: 'https-listener.org', path: '/valid', tls }, { seen: { serverName: 'abc.example.com' } }],
        ])
        await world.apply(configMap('changing-authority', { 'ca.crt': world.certificates.authority }))
        expectPolicy(world, 'changing', 'same-namespace', ...fine)
        await expectRows(world, 'same-namespace', [['abc.example.com/changing', 200]])
        await world.apply(configMap('changing-authority', { 'ca.crt': world.certificates.otherAuthority }))
        await expectRows(world, 'same-namespace', [['abc.example.com/changing', failed]])
      })
    },
  },
  {
    name: 'BackendTLSPolicyConflictResolution',
    objects: [
      route('HTTPRoute', 'web', {
        rules: [
          ruleTo('whole'),
          ruleTo('section'),
          matching([exactly('/with')], toTls('both')),
          matching([exactly('/without')], toTls('both', 8443)),
        ],
      }),
      backendTls('whole-1', 'whole', { hostname: 'other.example.com' }, at(1)),
      backendTls('whole-2', 'whole', {}, at(2)),
      backendTls(
        'section-1',
        { name: 'section', sectionName: 'btls' },
        { hostname: 'other.example.com' },
        at(1),
      ),
      backendTls('section-2', { name: 'section', sectionName: 'btls' }, {}, at(2)),
      backendTls('with', { name: 'both', sectionName: 'btls' }, { hostname: 'other.example.com' }, at(2)),
      backendTls('without', 'both', {}, at(1)),
    ],
    async run(world) {
      await withServices(world, ['whole', 'section', 'both'], async () => {
        for (const name of ['whole-1', 'section-1', 'with', 'without']) {
          expectPolicy(world, name, 'same-namespace', 'Accepted=True/Accepted')
        }
        for (const name of ['whole-2', 'section-2']) {
          expectPolicy(world, name, 'same-namespace', 'Accepted=False/Conflicted')
        }
        await expectRows(world, 'same-namespace', [
          ['/whole', { seen: { serverName: 'other.example.com' } }],
          ['/section', { seen: { serverName: 'other.example.com' } }],
          ['/with', { seen: { serverName: 'other.example.com' } }],
          ['/without', { seen: { serverName: 'abc.example.com' } }],
        ])
      })
    },
  },
  brokenPolicy('BackendTLSPolicyInvalidCACertificateRef', 'InvalidCACertificateRef', {
    missing: { group: '', kind: 'ConfigMap', name: 'not-there' },
    malformed: { group: '', kind: 'ConfigMap', name: 'malformed-authority' },
  }),
  brokenPolicy('BackendTLSPolicyInvalidKind', 'InvalidKind', {
    missing: { group: '', kind: 'InvalidKind', name: 'any' },
  }),
  {
    name: 'BackendTLSPolicySANValidation',
    objects: [
      route('HTTPRoute', 'web', {
        rules: ['dns', 'uri', 'several', 'dns-mismatch', 'uri-mismatch'].map((name) => ruleTo(name)),
      }),
      sanPolicy('dns', [{ type: 'Hostname', hostname: 'abc.example.com' }]),
      sanPolicy('uri', [{ type: 'URI', uri: spiffeId }]),
      sanPolicy('several', [
        { type: 'Hostname', hostname: 'mismatch.example.com' },
        { type: 'URI', uri: spiffeId },
      ]),
      sanPolicy('dns-mismatch', [{ type: 'Hostname', hostname: 'mismatch.example.com' }]),
      sanPolicy('uri-mismatch', [{ type: 'URI', uri: 'spiffe://mismatch.example.com/test' }]),
    ],
    async run(world) {
      const names = ['dns', 'uri', 'several', 'dns-mismatch', 'uri-mismatch']
      await withServices(world, names, async () => {
        for (const name of names) expectPolicy(world, name, 'same-namespace', ...fine)
        await expectRows(
          world,
          'same-namespace',
          names.map((name): Row => [`/${name}`, name.endsWith('mismatch') ? failed : 200]),
        )
      })
    },
  },
  {
    name: 'GatewayTLSBackendClientCertificate',
    objects: [
      gateway('shows-certificate', [http()], {
        tls: {
          backend: {
            clientCertificateRef: { group: '', kind: 'Secret', name: 'client-validity-checks-certificate' },
          },
        },
      }),
      route('HTTPRoute', 'web', { to: ['shows-certificate'], rules: [backends(toTls('tls-backend'))] }),
      backendTls('to-tls', 'tls-backend'),
    ],
    async run(world) {
      expectObject(world, 'Gateway', 'shows-certificate', 'Accepted=True', 'ResolvedRefs=True')
      expectPolicy(world, 'to-tls', 'shows-certificate', ...fine)
      const address = world.addressOf('shows-certificate')
      const sent = new X509Certificate(world.certificates.client['tls.crt']).raw.toString('base64')
      await eventually(async () => assert.equal((await ask({ at: address })).echo?.tls?.peer, sent))
    },
  },
  clientCertificateCase('GatewayFrontendClientCertificateValidation', 'AllowValidOnly'),
  clientCertificateCase(
    'GatewayFrontendClientCertificateValidationInsecureFallback',
    'AllowInsecureFallback',
  ),
  {
    name: 'GatewayFrontendInvalidDefaultClientCertificateValidation',
    objects: [
      gateway('invalid-default', [https(certificate), http()], {
        tls: {
          frontend: {
            default: validation('not-there'),
            perPort: [{ port: 80, tls: validation('client-validation-ca') }],
          },
        },
      }),
      route('HTTPRoute', 'web', { to: ['invalid-default'], hostnames: ['example.org'] }),
    ],
    async run(world) {
      expectListeners(world, ['Gateway', 'invalid-default'], {
        http: { conditions: accepted },
        https: {
          conditions: [
            'ResolvedRefs=False/InvalidCACertificateRef',
            'Accepted=False/NoValidCACertificate',
            'Programmed=False',
          ],
        },
      })
      await expectRows(world, 'invalid-default', [['example.org/', 1]])
      await expectRefused(world, 'invalid-default', { host: 'example.org' })
    },
  },
]

function authorityIn(name: string): Record<string, unknown> {
  return { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name }] }
}

function validation(name: string, mode?: string): object {
  return {
    validation: {
      caCertificateRefs: [{ group: '', kind: 'ConfigMap', name }],
      ...(mode === undefined ? {} : { mode }),
    },
  }
}

function sanPolicy(name: string, subjectAltNames: readonly object[]): KubeManifest {
  return backendTls(name, name, { subjectAltNames })
}

/** Policies whose authorities cannot be had: not accepted, and no request gets through. */
function brokenPolicy(
  name: string,
  reason: string,
  references: Readonly<Record<string, object>>,
): SuiteCase<TrafficWorld> {
  return {
    name,
    objects: [
      route('HTTPRoute', 'web', { rules: Object.keys(references).map((path) => ruleTo(path)) }),
      configMap('malformed-authority', { 'ca.crt': 'Hello world' }),
      ...Object.entries(references).map(([path, reference]) =>
        backendTls(path, path, { caCertificateRefs: [reference] }),
      ),
    ],
    async run(world) {
      const paths = Object.keys(references)
      await withServices(world, paths, async () => {
        expectRoute(world, ['HTTPRoute', 'web'], 'same-namespace', 'Accepted=True')
        for (const path of paths) {
          expectPolicy(
            world,
            path,
            'same-namespace',
            'Accepted=False/NoValidCACertificate',
            `ResolvedRefs=False/${reason}`,
          )
        }
        await expectRows(
          world,
          'same-namespace',
          paths.map((path): Row => [`/${path}`, failed]),
        )
      })
    },
  }
}

/** No answer: the connection or its handshake fails. */
async function expectRefused(
  world: TrafficWorld,
  name: string,
  asked: Omit<Asked, 'at'>,
  pair?: Pair,
): Promise<void> {
  const tls = { authority: world.certificates.authority, ...(pair ? { certificate: pair } : {}) }
  await eventually(async () => {
    await assert.rejects(ask({ at: world.addressOf(name), ...asked, tls }))
  })
}

function clientCertificateCase(name: string, mode: string): SuiteCase<TrafficWorld> {
  return {
    name,
    objects: [
      gateway(
        'validating',
        [
          https(certificate),
          https(certificate, { name: 'https-8443', port: 8443, hostname: 'second-example.org' }),
        ],
        {
          tls: {
            frontend: {
              default: validation('client-validation-ca', mode),
              perPort: [{ port: 8443, tls: validation('other-client-validation-ca', mode) }],
            },
          },
        },
      ),
      route('HTTPRoute', 'first', { to: ['validating'], hostnames: ['example.org'] }),
      route('HTTPRoute', 'second', {
        to: [{ name: 'validating', sectionName: 'https-8443' }],
        rules: [backends('infra-backend-v2')],
      }),
    ],
    async run(world) {
      const { authority, client, otherClient } = world.certificates
      const first = { host: 'example.org' }
      const second = { host: 'second-example.org', port: 8443 }
      const over = (asked: object, pair?: Pair) => ({
        ...asked,
        tls: { authority, ...(pair ? { certificate: pair } : {}) },
      })
      await expectRows(world, 'validating', [
        [over(first, client), { backend: 'infra-backend-v1' }],
        [over(second, otherClient), { backend: 'infra-backend-v2' }],
      ])
      if (mode === 'AllowValidOnly') {
        await expectRefused(world, 'validating', first, otherClient)
        await expectRefused(world, 'validating', first)
        await expectRefused(world, 'validating', second, client)
        return
      }
      expectObject(world, 'Gateway', 'validating', 'InsecureFrontendValidationMode=True/ConfigurationChanged')
      await expectRows(world, 'validating', [
        [over(first, otherClient), { backend: 'infra-backend-v1' }],
        [over(first), { backend: 'infra-backend-v1' }],
        [over(second, client), { backend: 'infra-backend-v2' }],
        [over(second), { backend: 'infra-backend-v2' }],
      ])
      await world.apply(
        changed(world, 'Gateway', 'validating', () => ({
          tls: { frontend: { default: validation('client-validation-ca') } },
        })),
      )
      await expectRefused(world, 'validating', first)
    },
  }
}
