import assert from 'node:assert/strict'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { parseYaml } from '../../yaml/index.ts'
import { readIstioPlan } from './istio-plan.ts'
import type { ResolvedPlan, Selection } from './model.ts'
import { resolvePlan } from './resolve.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-istio-')))
after(() => rmSync(root, { recursive: true, force: true }))
const bare = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-istio-')))
after(() => rmSync(bare, { recursive: true, force: true }))

writeFileSync(
  join(root, 'Makefile.core.mk'),
  'BASE_VERSION ?= 2026-01-01\nISTIO_BASE_REGISTRY ?= reg.test/base\n',
)
writeFileSync(join(root, 'VERSION'), '1.99\n')
writeFileSync(
  join(root, 'istio.deps'),
  JSON.stringify([
    { name: 'PROXY_REPO_SHA', lastStableSHA: 'p1' },
    { name: 'ZTUNNEL_REPO_SHA', lastStableSHA: 'z1' },
    { name: 'AGENTGATEWAY_IMAGE', lastStableSHA: 'v1' },
  ]),
)

const text = `
example:
- {name: hello, whatever: true}
images:
- name: stone
  dockerfile: docker/Dockerfile.stone
  base: true
- name: proxyv2
  dockerfile: p/Dockerfile
  files:
  - tools/boot.json
  - \${TARGET_OUT_LINUX}/\${RELEASE_MODE}/\${SIDECAR}
  targets:
  - \${TARGET_OUT_LINUX}/agent
- name: pilot
  dockerfile: p/Dockerfile.pilot
  targets: [ "\${TARGET_OUT_LINUX}/discovery" ]
- name: app_sidecar_debian_12
  dockerfile: a/Dockerfile
  emulationRequired: true
- name: app_sidecar_base_ubuntu_noble
  dockerfile: a/Dockerfile.base
  base: true
`

function resolved(selection: Selection = {}, env: Record<string, string> = {}, at = root): ResolvedPlan {
  const plan = readIstioPlan(parseYaml(text, 'tools/docker.yaml'), { root: at, env })
  return resolvePlan(plan, selection, { host: { os: 'linux', architecture: 'amd64' } })
}

test('with nothing set the default variant of all images that are no bases is built for linux/amd64', () => {
  assert.deepEqual(
    resolved().images.map(({ name, variant, tags, platforms }) => [name, variant, tags, platforms.length]),
    [
      ['proxyv2', 'debug', ['localhost:5000/proxyv2:latest'], 1],
      ['pilot', 'debug', ['localhost:5000/pilot:latest'], 1],
      ['app_sidecar_debian_12', 'debug', ['localhost:5000/app_sidecar_debian_12:latest'], 1],
    ],
  )
})

test('environment variables pick what docker-builder picks by them', () => {
  const cases: [Record<string, string>, string[]][] = [
    [{ HUB: 'gcr.io/x', TAG: 't', DOCKER_TARGETS: 'docker.pilot' }, ['gcr.io/x/pilot:t']],
    [
      { HUBS: 'h.io/a h.io/b', HUB: 'no', TAGS: '1 2', TAG: 'no', DOCKER_TARGETS: ' docker.pilot' },
      ['h.io/a/pilot:1', 'h.io/a/pilot:2', 'h.io/b/pilot:1', 'h.io/b/pilot:2'],
    ],
    [
      { DOCKER_TARGETS: 'pilot', DOCKER_BUILD_VARIANTS: 'debug distroless' },
      ['localhost:5000/pilot:latest-debug', 'localhost:5000/pilot:latest-distroless'],
    ],
    [
      { DOCKER_TARGETS: 'pilot', DOCKER_BUILD_VARIANTS: 'debug', INCLUDE_UNTAGGED_DEFAULT: 'true' },
      ['localhost:5000/pilot:latest', 'localhost:5000/pilot:latest-debug'],
    ],
  ]
  for (const [env, tags] of cases)
    assert.deepEqual(
      resolved({}, env).images.flatMap((image) => image.tags),
      tags,
    )
  const { platforms } = resolved({}, { DOCKER_ARCHITECTURES: 'linux/amd64,linux/arm64' })
  assert.deepEqual(
    platforms.map(({ architecture }) => architecture),
    ['amd64', 'arm64'],
  )
})

test('the command line wins over the environment', () => {
  const env = { HUB: 'no', DOCKER_TARGETS: 'docker.pilot', DOCKER_BUILD_VARIANTS: 'debug' }
  const selection = {
    images: ['stone'],
    hubs: ['h.io'],
    tags: ['t'],
    variants: ['default'],
    platforms: ['linux/riscv64'],
  }
  const [image, ...others] = resolved(selection, env).images
  assert.deepEqual(others, [])
  assert.deepEqual(image!.tags, ['h.io/stone:t'])
  assert.equal(image!.platforms[0]!.platform.architecture, 'riscv64')
})

test('test applications have no distroless variant', () => {
  const plan = resolved({ variants: ['default', 'distroless'] })
  assert.deepEqual(
    plan.images.filter(({ name }) => name.startsWith('app_')).map(({ variant }) => variant),
    ['debug'],
  )
})

test('an image that needs emulation is left out for other platforms unless there is emulation', () => {
  const selection = { images: ['pilot', 'app_sidecar_debian_12'], platforms: ['linux/amd64', 'linux/arm64'] }
  const architectures = (plan: ResolvedPlan) =>
    plan.images.map(({ platforms }) => platforms.map(({ platform }) => platform.architecture).join(' '))
  const plan = resolved(selection)
  assert.deepEqual(architectures(plan), ['amd64 arm64', 'amd64'])
  assert.equal(plan.warnings.length, 1)
  assert.deepEqual(architectures(resolved(selection, { ISTIO_DOCKER_QEMU: 'true' })), [
    'amd64 arm64',
    'amd64 arm64',
  ])
})

test('build arguments come from the repository', () => {
  const [image] = resolved({ images: ['app_sidecar_debian_12'] }).images
  assert.deepEqual(image!.args, {
    AGENTGATEWAY_IMAGE: 'cr.agentgateway.dev/agentgateway:v1',
    BASE_DISTRIBUTION: 'debug',
    BASE_VERSION: '2026-01-01',
    ISTIO_BASE_REGISTRY: 'reg.test/base',
    VM_IMAGE_NAME: 'debian',
    VM_IMAGE_VERSION: '12',
    istio_version: '1.99-dev',
    proxy_version: 'p1',
    ztunnel_version: 'z1',
  })
  const [base] = resolved({ images: ['app_sidecar_base_ubuntu_noble'] }).images
  assert.deepEqual([base!.args['VM_IMAGE_NAME'], base!.args['VM_IMAGE_VERSION']], ['ubuntu', 'noble'])
})

test('build arguments come from the environment before the repository, literally', () => {
  const env = { BASE_VERSION: '$b', ISTIO_BASE_REGISTRY: 'r', VERSION: 'v', AGENTGATEWAY_IMAGE: 'a' }
  const [image] = resolved({ images: ['pilot'], variants: ['distroless'] }, env).images
  const { args } = image!
  assert.deepEqual(
    [args['BASE_VERSION'], args['ISTIO_BASE_REGISTRY'], args['istio_version'], args['AGENTGATEWAY_IMAGE']],
    ['$b', 'r', 'v', 'a'],
  )
  assert.equal(args['BASE_DISTRIBUTION'], 'distroless')
})

test('a build argument that is found nowhere is left out with a warning', () => {
  const plan = resolved({ images: ['pilot'] }, {}, bare)
  assert.deepEqual(plan.images[0]!.args, { BASE_DISTRIBUTION: 'debug' })
  assert.equal(plan.warnings.length, 6)
  assert.equal(
    plan.warnings[0]!.message,
    'build argument BASE_VERSION is left out: it is not in the environment (BASE_VERSION) or Makefile.core.mk',
  )
})

test('files are those of the platform and the release mode', () => {
  const files = (env: Record<string, string>, platform = 0) =>
    resolved({ images: ['proxyv2'], platforms: ['linux/amd64', 'linux/arm64'] }, env).images[0]!.platforms[
      platform
    ]!.files!.map(({ name, source }) => `${name} ${source.slice(root.length)}`)
  assert.deepEqual(files({}, 1), [
    'arm64/agent /out/linux_arm64/agent',
    'arm64/envoy /out/linux_arm64/release/envoy',
    'boot.json /tools/boot.json',
  ])
  assert.equal(files({ DEBUG_IMAGE: '1' })[1], 'amd64/envoy /out/linux_amd64/debug/envoy')
})

test('one make per platform makes init and all targets of the selected images', () => {
  const plan = resolved({ platforms: ['linux/amd64', 'linux/arm64'] })
  assert.deepEqual(
    plan.commands.map(({ argv }) => argv.map((word) => word.replace(root, ''))),
    ['amd64', 'arm64'].map((architecture) => [
      'make',
      '--no-print-directory',
      `/out/linux_${architecture}/agent`,
      `/out/linux_${architecture}/discovery`,
      'init',
    ]),
  )
  assert.deepEqual(plan.commands[1]!.env, {
    BUILD_WITH_CONTAINER: '0',
    TARGET_OS: 'linux',
    TARGET_ARCH: 'arm64',
    TARGET_VARIANT: '',
    TARGET_OUT: join(root, 'out/linux_arm64'),
    TARGET_OUT_LINUX: join(root, 'out/linux_arm64'),
  })
  assert.ok(plan.images.every(({ platforms }) => platforms[0]!.needs[0] === plan.commands[0]))
})

test('a base without targets of its own waits for the make of the run', () => {
  const plan = resolved({ images: ['pilot'] })
  const base = plan.resolveImage({ image: 'stone', variant: 'debug' })
  assert.deepEqual(base.platforms[0]!.needs, plan.commands)
  assert.equal(plan.commands.length, 1)
})

test('a single image is made without building all, and SKIP_MAKE makes nothing', () => {
  const { commands } = resolved({ images: ['pilot', 'proxyv2'] })
  assert.equal(commands[0]!.env['BUILD_ALL'], 'false')
  assert.deepEqual(resolved({}, { SKIP_MAKE: 'true' }).commands, [])
})

test('an unset variable is empty with a warning', () => {
  const document = parseYaml('images:\n- {name: a, dockerfile: "${NONE}/D"}\n', 'docker.yaml')
  const plan = resolvePlan(readIstioPlan(document, { root, env: { SKIP_MAKE: 'true' } }))
  assert.equal(plan.images[0]!.dockerfile, '/D')
  assert.deepEqual(
    plan.warnings.map(({ message, at }) => [message, at?.line, at?.column]),
    [['${NONE} is not set and taken as empty', 2, 26]],
  )
})
