import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { codeFrame, Failure } from '../../base/index.ts'
import { findPlan, loadPlan } from './load.ts'

const base = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-plan-')))
after(() => rmSync(base, { recursive: true, force: true }))

const minimal = 'images: [{name: a, dockerfile: Dockerfile, context: .}]\n'
let count = 0

function project(files: Record<string, string>): string {
  const directory = join(base, String(count++))
  mkdirSync(directory)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
  return directory
}

async function problems(text: string): Promise<Failure[]> {
  try {
    await loadPlan({ directory: project({ 'slipway.yaml': text }), env: {} })
  } catch (error) {
    assert.ok(error instanceof Failure, String(error))
    return [error, ...error.others]
  }
  return []
}

test('the first plan file that is there is found', async () => {
  const cases: [string[], string][] = [
    [['slipway.yaml', 'slipway.yml', 'docker.yaml'], 'slipway.yaml'],
    [['slipway.yml', 'tools/docker.yaml'], 'slipway.yml'],
    [['tools/docker.yaml'], 'tools/docker.yaml'],
    [['docker.yaml', 'tools/docker.yaml'], 'docker.yaml'],
  ]
  for (const [names, expected] of cases) {
    const directory = project(Object.fromEntries(names.map((name) => [name, minimal])))
    assert.deepEqual(findPlan({ directory, env: {} }), [expected])
  }
})

test('no plan is one error that lists the places', async () => {
  const directory = project({})
  assert.throws(() => findPlan({ directory, env: {} }), {
    code: 'PLAN_NOT_FOUND',
    message: `no plan in ${directory}: looked for slipway.yaml, slipway.yml, docker.yaml, tools/docker.yaml, and for compose.yaml, docker-bake.hcl and the like`,
  })
  await assert.rejects(loadPlan({ directory, files: ['x/plan.yaml'], env: {} }), {
    code: 'PLAN_NOT_FOUND',
    message: 'plan x/plan.yaml does not exist',
  })
  await assert.rejects(loadPlan({ directory, files: ['.'], env: {} }), {
    code: 'FILE_SYSTEM',
    message: 'cannot read plan .: it is a folder',
  })
})

test('the root is what is asked for, else the folder with .git, else the working folder', async () => {
  const repository = project({ '.git/HEAD': '', 'deploy/images/slipway.yaml': minimal })
  const file = 'deploy/images/slipway.yaml'
  assert.equal((await loadPlan({ directory: repository, files: [file], env: {} })).root, repository)
  assert.equal((await loadPlan({ directory: join(repository, 'deploy/images'), env: {} })).root, repository)
  assert.equal(
    (await loadPlan({ directory: repository, files: [file], root: 'deploy', env: {} })).root,
    join(repository, 'deploy'),
  )
  const plain = project({ 'sub/slipway.yaml': minimal })
  assert.equal((await loadPlan({ directory: plain, files: ['sub/slipway.yaml'], env: {} })).root, plain)
})

test('a file is taken for a plan of Istio by its name or its keys', async () => {
  const istio = 'images:\n- name: a\n  dockerfile: D\n  targets: ["${TARGET_OUT_LINUX}/a"]\n'
  const cases: [string, string, string][] = [
    ['docker.yaml', istio, 'istio'],
    ['docker.yaml', `example: [{anything: 1}]\n${istio}`, 'istio'],
    ['plan.yaml', istio, 'istio'],
    ['plan.yaml', `hubs: [h]\n${istio}`, 'slipway'],
    ['plan.yaml', `${istio}  labels: {a: b}\n`, 'slipway'],
    ['slipway.yaml', istio, 'slipway'],
  ]
  for (const [file, text, format] of cases) {
    assert.equal(
      (await loadPlan({ directory: project({ [file]: text }), files: [file], env: {} })).format,
      format,
      text,
    )
  }
})

test('an unknown key is shown in its line with the key that was meant', async () => {
  const [failure, ...others] = await problems(
    'images:\n  - name: proxy\n    dockerfile: Dockerfile\n    basee: true\n',
  )
  assert.equal(failure!.code, 'PLAN_INVALID')
  assert.equal(failure!.message, 'unknown key "basee" in images[0] (proxy)')
  assert.equal(failure!.hint, 'did you mean "base"?')
  assert.equal(failure!.at!.file, 'slipway.yaml')
  assert.deepEqual(codeFrame(failure!.at!), ['    4 |     basee: true', '      |     ^^^^^'])
  assert.deepEqual(others, [])
})

test('each thing a schema cannot say is one error at its place', async () => {
  const image = (more: string) => `images: [{name: a, dockerfile: D${more}}]\n`
  const cases: [string, string, string | undefined][] = [
    [`${image('')}    - x`, 'slipway.yaml is not valid YAML', undefined],
    [
      'images:\n- {name: a, dockerfile: D}\n- {name: a, dockerfile: E}\n',
      'image "a" is there twice: first on line 2',
      '3:10',
    ],
    [
      `variants: {x: {default: true}, y: {default: true}}\n${image('')}`,
      'variant "y" is default, but "x" is already',
      '1:32',
    ],
    [
      `variants: {default: {}}\n${image('')}`,
      'variants: "default" is reserved: mark one variant with "default: true" instead',
      '1:12',
    ],
    [`variants: {debug: {}}\n${image(', variants: [debgu]')}`, 'unknown variant "debgu"', '2:46'],
    [image(', artifacts: [agent]'), 'unknown artifact "agent"', '1:47'],
    [`groups: {g: [b]}\n${image('')}`, 'unknown image "b"', '1:14'],
    [`groups: {a: [a]}\n${image('')}`, 'group "a" has the name of an image', '1:14'],
    [`platforms: [linux]\n${image('')}`, '"linux" is not a platform', '1:13'],
    [
      image(', context: ., files: [x]'),
      'images[0] (a) has both "context" and "files": files make up a context of their own',
      '1:10',
    ],
    [
      `artifacts: {x: {command: a, make: [b]}}\n${image('')}`,
      'artifacts.x needs either "command" or "make"',
      '1:16',
    ],
    [`artifacts: {x: {outputs: [b]}}\n${image('')}`, 'artifacts.x needs either "command" or "make"', '1:16'],
    [`args: {"a-b": x}\n${image('')}`, 'args: "a-b" is not a name of a variable (letters, digits, _)', '1:8'],
    ['images: []', 'images is empty: a plan needs an image', '1:9'],
    ['images: [{name: a, dockerfile: ""}]', 'images[0] (a).dockerfile: "" is empty', '1:32'],
  ]
  for (const [text, message, at] of cases) {
    const [failure] = await problems(text)
    assert.ok(failure, text)
    assert.equal(failure.code, 'PLAN_INVALID')
    if (at === undefined) assert.ok(failure.message.startsWith(message), failure.message)
    else {
      assert.equal(failure.message, message)
      assert.equal(`${failure.at?.line}:${failure.at?.column}`, at, message)
    }
  }
})

test('several wrong names come together', async () => {
  const found = await problems('images: [{name: a, dockerfile: D, variants: [v], artifacts: [x, y]}]\n')
  assert.deepEqual(
    found.map(({ message }) => message),
    ['unknown variant "v"', 'unknown artifact "x"', 'unknown artifact "y"'],
  )
})

test('keys that begin with x- hold what anchors share', async () => {
  const text = 'x-all: &all {dockerfile: D, files: [f]}\nimages:\n- {name: a, <<: *all}\n'
  const plan = await loadPlan({ directory: project({ 'slipway.yaml': text }), env: {} })
  assert.equal(plan.images[0]!.dockerfile.text, 'D')
  assert.deepEqual(
    (await problems('y-all: 1\nimages: [{name: a, dockerfile: D}]'))[0]?.message,
    'unknown key "y-all" in slipway.yaml',
  )
})
