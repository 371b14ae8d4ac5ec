import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../base/index.ts'
import { parseYaml } from '../../yaml/index.ts'
import type { ResolvedImage, ResolvedPlan, Selection } from './model.ts'
import { resolvePlan } from './resolve.ts'
import { readSlipwayPlan } from './slipway-plan.ts'

const host = { os: 'linux', architecture: 'amd64' }

function resolved(text: string, selection: Selection = {}): ResolvedPlan {
  const plan = readSlipwayPlan(parseYaml(text, 'slipway.yaml'), { root: '/project', env: {} })
  return resolvePlan(plan, selection, { host })
}

function failureOf(text: string): Failure {
  try {
    resolved(text)
  } catch (error) {
    assert.ok(error instanceof Failure, String(error))
    return error
  }
  return assert.fail('the plan was resolved')
}

function filesOf(image: ResolvedImage | undefined, platform = 0): string[] {
  return image!.platforms[platform]!.files!.map(
    ({ name, alias, source }) => `${name}${alias === undefined ? '' : ` (${alias})`} = ${source}`,
  )
}

test('files are at their base names, those of a platform in a folder of its architecture', () => {
  const text = `platforms: [linux/amd64, linux/arm/v7]
images:
- name: a
  dockerfile: D
  files:
  - conf/x.json
  - /etc/hosts
  - certs/
  - "\${TARGET_OUT_LINUX}/\${MODE:-release}/envoy"
  - {from: "\${TARGET_OUT_LINUX}/tool", to: bin/tool}
  - conf/../conf/x.json
  targets: ["\${TARGET_OUT}/agent"]`
  const [image] = resolved(text).images
  assert.deepEqual(filesOf(image), [
    'amd64/agent (agent) = /project/out/linux_amd64/agent',
    'amd64/envoy (envoy) = /project/out/linux_amd64/release/envoy',
    'bin/tool = /project/out/linux_amd64/tool',
    'certs = /project/certs',
    'hosts = /etc/hosts',
    'x.json = /project/conf/x.json',
  ])
  assert.equal(filesOf(image, 1)[0], 'arm/agent (agent) = /project/out/linux_arm_v7/agent')
  assert.deepEqual(
    image!.platforms[0]!.files!.map(({ architectureSpecific }) => architectureSpecific),
    [true, true, true, false, false, false],
  )
})

test('files that cannot be in one context are refused, naming both', () => {
  const image = (files: string) => `images:\n- name: a\n  dockerfile: D\n  files: ${files}\n`
  const clash = failureOf(image('[a/x, b/x]'))
  assert.equal(clash.message, '"b/x" and "a/x" (slipway.yaml:4:11) would both be x in the build context')
  assert.equal(clash.hint, 'give one another name: { from: b/x, to: other-x }')
  assert.equal(clash.at?.column, 16)
  assert.match(failureOf(image('["$TARGET_OUT/x", "$TARGET_OUT/y/x"]')).message, /would both be amd64\/x/)
  assert.match(
    failureOf(image('[{from: a, to: ../x}]')).message,
    /^"..\/x" is not a path inside the build context/,
  )
  assert.match(failureOf(image('[.]')).message, /^"." is the whole project/)
})

test('a context folder has no list of files, and named contexts are folders or sources', () => {
  const text =
    'images: [{name: a, dockerfile: D, context: src, contexts: {b: lib, a: "docker-image://debian:12"}}]'
  const [platform] = resolved(text).images[0]!.platforms
  assert.equal(platform!.context, '/project/src')
  assert.equal(platform!.files, undefined)
  assert.deepEqual(platform!.contexts, { a: 'docker-image://debian:12', b: '/project/lib' })
})

const artifacts = `platforms: [linux/amd64, linux/arm64]
args: {V: "1"}
artifacts:
  agent: {command: "go build -o \${TARGET_OUT_LINUX}/agent", env: {GOARCH: "\${TARGET_ARCH}"}, outputs: ["\${TARGET_OUT_LINUX}/agent"]}
  list: {command: [go, "-X=\${V}"]}
  web: {make: [web], outputs: [dist], perPlatform: false}
`

test('artifact commands run once per platform and are shared by images', () => {
  const plan = resolved(`${artifacts}images:
- {name: a, dockerfile: D, artifacts: [agent, web]}
- {name: b, dockerfile: D, artifacts: [agent, list], targets: ["\${TARGET_OUT_LINUX}/z", y]}
- {name: c, dockerfile: D, context: ., artifacts: [web]}
`)
  assert.deepEqual(
    plan.commands.map(({ id, argv, lock }) => [id, argv.join(' '), lock]),
    [
      ['agent linux/amd64', 'sh -c go build -o ${TARGET_OUT_LINUX}/agent', undefined],
      ['web', 'make --no-print-directory web', 'make'],
      ['agent linux/arm64', 'sh -c go build -o ${TARGET_OUT_LINUX}/agent', undefined],
      ['list linux/amd64', 'go -X=1', undefined],
      ['make linux/amd64', 'make --no-print-directory /project/out/linux_amd64/z y', 'make'],
      ['list linux/arm64', 'go -X=1', undefined],
      ['make linux/arm64', 'make --no-print-directory /project/out/linux_arm64/z y', 'make'],
    ],
  )
  assert.deepEqual(plan.commands[2]!.env, {
    TARGET_OS: 'linux',
    TARGET_ARCH: 'arm64',
    TARGET_VARIANT: '',
    TARGET_OUT: '/project/out/linux_arm64',
    TARGET_OUT_LINUX: '/project/out/linux_arm64',
    GOARCH: 'arm64',
  })
  assert.deepEqual(plan.commands[2]!.outputs, ['/project/out/linux_arm64/agent'])
  assert.equal(plan.commands[2]!.cwd, '/project')
  assert.equal(plan.commands[4]!.label, 'make z y')
  const [a, b, c] = plan.images
  assert.equal(a!.platforms[0]!.needs[0], b!.platforms[0]!.needs[0])
  assert.deepEqual(filesOf(a, 1), [
    'arm64/agent (agent) = /project/out/linux_arm64/agent',
    'dist = /project/dist',
  ])
  assert.deepEqual(filesOf(b), [
    'amd64/agent (agent) = /project/out/linux_amd64/agent',
    'amd64/z (z) = /project/out/linux_amd64/z',
    'y = /project/y',
  ])
  assert.deepEqual(
    c!.platforms[1]!.needs.map(({ id }) => id),
    ['web'],
  )
})

test('only commands of selected images are run', () => {
  const plan = resolved(
    `${artifacts}images: [{name: a, dockerfile: D, artifacts: [list]}, {name: b, dockerfile: D, artifacts: [web]}]`,
    {
      images: ['b'],
    },
  )
  assert.deepEqual(
    plan.commands.map(({ id }) => id),
    ['web'],
  )
})

test('a command that leaves the same file for every platform is refused', () => {
  const failure = failureOf(`platforms: [linux/amd64, linux/arm64]
artifacts: {x: {command: x, outputs: [dist]}}
images: [{name: a, dockerfile: D, artifacts: [x]}]`)
  assert.equal(failure.message, 'the commands "x linux/amd64" and "x linux/arm64" would both leave dist')
  assert.equal(failure.at?.line, 2)
})
