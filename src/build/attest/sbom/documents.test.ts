import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import fc from 'fast-check'
import type { Digest } from '../../../oci/index.ts'
import type { BuiltLayer } from '../../layers.ts'
import { cyclonedxText } from './cyclonedx.ts'
import type { FileFacts } from './facts.ts'
import type { FoundFile } from './image-facts.ts'
import { imagePackages } from './packages.ts'
import { spdxDocument } from './spdx.ts'

/** By the schema that the CycloneDX project publishes. */
const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6)
const problemsOf = async (text: string): Promise<unknown> => validator.validate(text)

const digest: Digest = `sha256:${'ab'.repeat(32)}`
const subject = {
  name: 'proxy',
  platform: { os: 'linux', architecture: 'arm64' },
  manifest: { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest, size: 700 },
}
const options = { version: '1.2.3', created: 0 }
const layer = { diffId: `sha256:${'cd'.repeat(32)}` } as BuiltLayer

const found = (facts: Record<string, FileFacts>): FoundFile[] =>
  Object.entries(facts).map(([path, fact]) => ({ path, facts: fact, layer }))

const files = found({
  'etc/os-release': { kind: 'os', release: { id: 'debian', versionId: '12', prettyName: 'Debian 12' } },
  'usr/bin/one': {
    kind: 'go',
    info: {
      goVersion: 'go1.24.2 X:nocoverageredesign',
      path: 'example.com/one/cmd',
      main: { path: 'example.com/one', version: '(devel)' },
      deps: [
        { path: 'golang.org/x/sys', version: 'v0.1.0' },
        {
          path: 'example.com/fork',
          version: 'v1.0.0',
          replace: { path: 'example.com/ours', version: 'v1.0.1' },
        },
        { path: 'example.com/local', version: 'v0.0.0', replace: { path: './local', version: '(devel)' } },
      ],
      settings: {},
    },
  },
  'usr/bin/two': {
    kind: 'go',
    info: {
      goVersion: 'go1.24.2',
      main: { path: 'example.com/two', version: 'v2.0.0' },
      deps: [{ path: 'golang.org/x/sys', version: 'v0.1.0' }],
      settings: {},
    },
  },
  'app/node_modules/@s/a/package.json': { kind: 'npm', name: '@s/a', version: '1.0.0', license: 'MIT' },
  'app/node_modules/b/package.json': {
    kind: 'npm',
    name: 'b',
    version: '2.0.0',
    license: 'SEE LICENSE IN x',
  },
  'var/lib/dpkg/status': {
    kind: 'dpkg',
    packages: [
      {
        name: 'libc6',
        version: '2.36-9+deb12u3',
        architecture: 'amd64',
        source: { name: 'glibc', version: '2.36-9+deb12u3' },
        maintainer: 'GNU Libc (team) <glibc@example.org>',
      },
    ],
  },
  'var/lib/rpm/Packages': { kind: 'unread', why: 'databases of rpm are not read' },
})

test('each package is listed once, by its package URL, with where it was found', () => {
  const { packages, release, unread } = imagePackages(files)
  assert.deepEqual(
    packages.map(({ url }) => url),
    [
      'pkg:deb/debian/libc6@2.36-9+deb12u3?arch=amd64&distro=debian-12&upstream=glibc',
      'pkg:golang/example.com/local',
      'pkg:golang/example.com/one',
      'pkg:golang/example.com/ours@v1.0.1',
      'pkg:golang/example.com/two@v2.0.0',
      'pkg:golang/golang.org/x/sys@v0.1.0',
      'pkg:golang/stdlib@1.24.2',
      'pkg:npm/%40s/a@1.0.0',
      'pkg:npm/b@2.0.0',
    ],
  )
  const sys = packages.find(({ name }) => name === 'golang.org/x/sys')
  assert.deepEqual(
    sys?.places.map(({ path }) => path),
    ['usr/bin/one', 'usr/bin/two'],
  )
  assert.deepEqual(packages.find(({ name }) => name === 'example.com/two')?.dependsOn, [
    'pkg:golang/golang.org/x/sys@v0.1.0',
    'pkg:golang/stdlib@1.24.2',
  ])
  assert.equal(release?.versionId, '12')
  assert.deepEqual(unread, [{ path: 'var/lib/rpm/Packages', why: 'databases of rpm are not read' }])
})

test('CycloneDX is valid by its schema, and the same each time', async () => {
  const text = cyclonedxText(subject, imagePackages(files), options)
  assert.equal(await problemsOf(text), null)
  assert.equal(cyclonedxText(subject, imagePackages(files), options), text)
  const bom = JSON.parse(text) as {
    serialNumber: string
    metadata: { timestamp: string; component: { purl: string }; properties: unknown }
    components: { purl?: string; licenses?: unknown }[]
    dependencies: { ref: string; dependsOn?: string[] }[]
  }
  assert.equal(bom.serialNumber, 'urn:uuid:abababab-abab-8bab-abab-abababababab')
  assert.equal(bom.metadata.timestamp, '1970-01-01T00:00:00.000Z')
  assert.equal(bom.metadata.component.purl, `pkg:oci/proxy@${digest}?arch=arm64`)
  assert.deepEqual(bom.metadata.properties, [
    { name: 'slipway:unread', value: '/var/lib/rpm/Packages (databases of rpm are not read)' },
  ])
  const licenses = bom.components.flatMap((one) => (one.licenses ? [[one.purl, one.licenses]] : []))
  assert.deepEqual(licenses, [
    ['pkg:npm/%40s/a@1.0.0', [{ expression: 'MIT' }]],
    ['pkg:npm/b@2.0.0', [{ license: { name: 'SEE LICENSE IN x' } }]],
  ])
  const one = bom.dependencies.find(({ ref }) => ref === 'pkg:golang/example.com/one')
  assert.deepEqual(one?.dependsOn, [
    'pkg:golang/example.com/local',
    'pkg:golang/example.com/ours@v1.0.1',
    'pkg:golang/golang.org/x/sys@v0.1.0',
    'pkg:golang/stdlib@1.24.2',
  ])
})

test('SPDX has an identifier for each package, and relates only what it lists', () => {
  const document = spdxDocument(subject, imagePackages(files), options) as {
    name: string
    documentNamespace: string
    comment: string
    creationInfo: unknown
    packages: {
      SPDXID: string
      name: string
      supplier?: string
      licenseDeclared?: string
      licenseComments?: string
    }[]
    relationships: { spdxElementId: string; relationshipType: string; relatedSpdxElement: string }[]
  }
  assert.deepEqual(document.creationInfo, {
    created: '1970-01-01T00:00:00Z',
    creators: ['Tool: slipway-1.2.3'],
  })
  assert.equal(document.documentNamespace, `https://slipway.dev/spdx/proxy/sha256-${'ab'.repeat(32)}`)
  assert.equal(document.comment, 'Not read: /var/lib/rpm/Packages (databases of rpm are not read)')
  const ids = new Set(['SPDXRef-DOCUMENT', ...document.packages.map(({ SPDXID }) => SPDXID)])
  assert.equal(ids.size, document.packages.length + 1)
  for (const id of ids) assert.match(id, /^SPDXRef-[A-Za-z0-9.-]+$/)
  for (const { spdxElementId, relatedSpdxElement } of document.relationships)
    assert.ok(ids.has(spdxElementId) && ids.has(relatedSpdxElement))
  const packageOf = (name: string) => document.packages.find((one) => one.name === name)
  assert.equal(packageOf('libc6')?.supplier, 'Organization: GNU Libc team (glibc@example.org)')
  assert.equal(packageOf('@s/a')?.licenseDeclared, 'MIT')
  assert.equal(packageOf('b')?.licenseDeclared, 'NOASSERTION')
  assert.equal(packageOf('b')?.licenseComments, 'declared as "SEE LICENSE IN x"')
})

test('whatever a database holds, CycloneDX stays valid and SPDX can be written', async () => {
  const word = fc.string({ minLength: 1, unit: 'binary' })
  const facts: fc.Arbitrary<FileFacts> = fc.oneof(
    fc.record({
      kind: fc.constant('dpkg' as const),
      packages: fc.array(fc.record({ name: word, version: word, architecture: word, maintainer: word })),
    }),
    fc.record({ kind: fc.constant('npm' as const), name: word, version: word, license: word }),
    fc.record({
      kind: fc.constant('go' as const),
      info: fc.record({
        goVersion: word,
        deps: fc.array(fc.record({ path: word, version: word })),
        settings: fc.constant({}),
      }),
    }),
  )
  await fc.assert(
    fc.asyncProperty(fc.dictionary(word, facts), async (all) => {
      const packages = imagePackages(found(all))
      spdxDocument(subject, packages, options)
      assert.equal(await problemsOf(cyclonedxText(subject, packages, options)), null)
    }),
    { numRuns: 30 },
  )
})
