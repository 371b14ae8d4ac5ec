/** What each builder is called with, and what is read out of its answers. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatPlatform } from '../../../oci/index.ts'
import { buildahArguments } from './buildah.ts'
import { buildctlArguments, readWorkers } from './buildctl.ts'
import type { BuilderContext, BuilderRequest } from './builder.ts'
import { buildxArguments, readInspect } from './buildx.ts'
import { dockerBuildArguments, readVersions } from './docker.ts'

const digest = `sha256:${'a'.repeat(64)}` as const

function requestOf(fields: Partial<BuilderRequest> = {}): BuilderRequest {
  return {
    dockerfile: '/w/dockerfile/Dockerfile',
    target: 'made',
    context: '/context',
    contexts: new Map<string, BuilderContext>([
      ['localhost/demo/base:dev', { kind: 'layout', path: '/w/scratch/b/aa', digest }],
      ['more', { kind: 'folder', path: '/more' }],
      ['tools', { kind: 'image', reference: 'x.test/tools:1' }],
    ]),
    pins: new Map([['debian', `docker.io/library/debian@${digest}`]]),
    spellings: new Map([['localhost/demo/base:${TAG}', 'localhost/demo/base:dev']]),
    args: { WHO: 'a=b c' },
    platform: { os: 'linux', architecture: 'arm64' },
    epoch: 7,
    noCache: false,
    hasLoopbackBase: false,
    scratch: '/w/scratch',
    destination: '/w/layout',
    onOutput: () => undefined,
    ...fields,
  }
}

/** Flags as `--name=value`, whether they were written in one word or two. */
function pairsOf(args: readonly string[]): string[] {
  return args.flatMap((word, index) => {
    if (word.startsWith('--') && word.includes('=')) return [word]
    if (word.startsWith('--')) return [`${word} ${args[index + 1]}`]
    return []
  })
}

function assertHas(args: readonly string[], expected: readonly string[]): void {
  const pairs = pairsOf(args)
  for (const each of expected) assert.ok(pairs.includes(each), `${each} is not in ${pairs.join('\n')}`)
}

test('buildctl gets names, layouts and pins as options of the frontend', () => {
  const args = buildctlArguments(requestOf())
  assertHas(args, [
    '--local context=/context',
    '--local dockerfile=/w/dockerfile',
    '--opt filename=Dockerfile',
    '--opt platform=linux/arm64',
    '--opt target=made',
    '--opt build-arg:WHO=a=b c',
    '--opt build-arg:SOURCE_DATE_EPOCH=7',
    `--opt context:debian=docker-image://docker.io/library/debian@${digest}`,
    `--opt context:localhost/demo/base:dev=oci-layout://named-1@${digest}`,
    '--oci-layout named-1=/w/scratch/b/aa',
    '--opt context:more=local:named-2',
    '--local named-2=/more',
    '--opt context:tools=docker-image://x.test/tools:1',
    '--output=type=oci,tar=false,rewrite-timestamp=true,dest=/w/layout',
  ])
  assert.ok(!args.includes('--no-cache'))
})

test('buildx gets the same in its own flags, and makes no attestations', () => {
  const args = buildxArguments(requestOf())
  assert.deepEqual(args.slice(0, 2), ['buildx', 'build'])
  assert.equal(args.at(-1), '/context')
  assertHas(args, [
    '--provenance=false',
    '--sbom=false',
    '--file=/w/dockerfile/Dockerfile',
    '--platform=linux/arm64',
    '--target=made',
    '--build-arg WHO=a=b c',
    `--build-context debian=docker-image://docker.io/library/debian@${digest}`,
    `--build-context localhost/demo/base:dev=oci-layout:///w/scratch/b/aa@${digest}`,
    '--build-context more=/more',
  ])
})

test('docker build uses flags of its plugin only where there is one', () => {
  const request = requestOf({ contexts: new Map() })
  const old = dockerBuildArguments(request, { tag: 't:1', hasPlugin: false })
  assert.deepEqual(
    old.filter((word) => /^--(?:load|builder|sbom|provenance|build-context)/.test(word)),
    [],
  )
  assertHas(old, ['--tag=t:1', '--file=/w/dockerfile/Dockerfile', '--build-arg SOURCE_DATE_EPOCH=7'])
  const current = dockerBuildArguments(requestOf(), { tag: 't:1', hasPlugin: true })
  assert.ok(current.includes('--load'))
  assertHas(current, ['--builder=default', '--build-context more=/more'])
})

test('buildah is told names as they are written too, and layouts by a path in lower case', () => {
  const args = buildahArguments(requestOf({ hasLoopbackBase: true }), { tag: 't:1', ignoreFile: '/i' })
  assert.equal(args.at(-1), '/context')
  assertHas(args, [
    '--layers=false',
    '--timestamp=7',
    '--ignorefile=/i',
    '--tls-verify=false',
    '--build-context localhost/demo/base:dev=container-image://oci:b/aa',
    '--build-context localhost/demo/base:${TAG}=container-image://oci:b/aa',
    `--build-context debian=docker-image://docker.io/library/debian@${digest}`,
  ])
  assert.ok(!buildahArguments(requestOf(), { tag: 't:1' }).some((word) => /tls|ignore/.test(word)))
})

test('--no-cache reaches every builder', () => {
  const request = requestOf({ noCache: true })
  assert.ok(buildctlArguments(request).includes('--no-cache'))
  assert.ok(buildxArguments(request).includes('--no-cache'))
  assert.ok(dockerBuildArguments(request, { tag: 't', hasPlugin: false }).includes('--no-cache'))
  assert.ok(buildahArguments(request, { tag: 't' }).includes('--no-cache'))
})

test('platforms and versions are read out of what builders say', () => {
  const workers = JSON.stringify([
    {
      platforms: [
        { os: 'linux', architecture: 'amd64' },
        { os: 'linux', architecture: 'arm', variant: 'v7' },
      ],
    },
    { buildkitVersion: { version: 'v0.34.2' }, platforms: [{ os: 'linux', architecture: 'arm64' }] },
  ])
  const found = readWorkers(`time=... level=warning\n${workers}`)
  assert.equal(found.version, 'v0.34.2')
  assert.deepEqual(found.platforms?.map(formatPlatform), ['linux/amd64', 'linux/arm/v7', 'linux/arm64'])
  assert.deepEqual(readWorkers('ID PLATFORMS'), { version: undefined, platforms: undefined })

  const text =
    'Name:   b\nDriver: docker-container\n\nNodes:\nName:      b0\nStatus:    running\nPlatforms: linux/amd64*, linux/arm64\n'
  const inspect = readInspect(text)
  assert.deepEqual(
    { ...inspect, platforms: inspect.platforms.map(formatPlatform) },
    { driver: 'docker-container', isRunning: true, platforms: ['linux/amd64', 'linux/arm64'] },
  )
  assert.deepEqual(readInspect('Driver: docker\n'), { driver: 'docker', isRunning: false, platforms: [] })

  assert.deepEqual(readVersions('20.10.24+dfsg1 28.2.2 linux/amd64\n'), {
    client: '20.10.24+dfsg1',
    server: '28.2.2',
    platform: 'linux/amd64',
  })
  assert.equal(readVersions('20.10.24  /\n'), undefined)
})
