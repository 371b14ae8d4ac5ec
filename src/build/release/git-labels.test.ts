import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { ResolvedImage, ResolvedPlan } from '../plan/model.ts'
import { withGitLabels } from './git-labels.ts'

const top = realpathSync(mkdtempSync(join(tmpdir(), 'slipway-git-')))
after(() => rmSync(top, { recursive: true }))
let count = 0

const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false']
function git(folder: string, ...args: string[]): string {
  const env = {
    PATH: process.env['PATH'],
    HOME: top,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_COMMITTER_DATE: '2024-05-06T07:08:09+02:00',
  }
  return execFileSync('git', [...identity, ...args], { cwd: folder, env, stdio: 'pipe' })
    .toString()
    .trim()
}

/** A repository with a commit. */
function repository(remote = 'git@github.com:acme/api.git'): string {
  const folder = join(top, String(count++))
  mkdirSync(folder)
  git(folder, 'init', '-q', '-b', 'main')
  writeFileSync(join(folder, 'file'), 'one')
  git(folder, 'add', '.')
  git(folder, 'commit', '-q', '-m', 'one')
  if (remote !== '') git(folder, 'remote', 'add', 'origin', remote)
  return folder
}

async function labelsOf(folder: string, options: { labels?: Record<string, string>; epoch?: number } = {}) {
  const image = {
    dockerfile: join(folder, 'docker/Dockerfile'),
    labels: options.labels ?? {},
    annotations: {},
  } as unknown as ResolvedImage
  const plan = { images: [image], resolveImage: () => image, warnings: [] } as unknown as ResolvedPlan
  const labelled = await withGitLabels(plan, {
    folder,
    places: ['labels', 'annotations'],
    epoch: options.epoch,
  })
  assert.equal(labelled.resolveImage({ image: 'x', variant: undefined }), labelled.images[0])
  const { labels, annotations } = labelled.images[0]!
  return { labels, annotations, warnings: labelled.warnings.map(({ message }) => message) }
}

const prefix = 'org.opencontainers.image.'

describe('labels from git', () => {
  test('tell commit, source, version and time, and where the Dockerfile is', async () => {
    const folder = repository()
    git(folder, 'tag', 'v1.2.3')
    const head = git(folder, 'rev-parse', 'HEAD')
    const { labels, annotations, warnings } = await labelsOf(folder)
    assert.deepEqual(labels, {
      [`${prefix}created`]: '2024-05-06T05:08:09Z',
      [`${prefix}source`]: 'https://github.com/acme/api',
      [`${prefix}version`]: 'v1.2.3',
      [`${prefix}revision`]: head,
      'com.docker.image.source.entrypoint': 'docker/Dockerfile',
    })
    assert.equal(annotations[`index,manifest:${prefix}revision`], head)
    assert.deepEqual(warnings, [])
  })
  test('mark files that are changed or new, but not results of ours or ignored ones', async () => {
    const folder = repository()
    writeFileSync(join(folder, '.git/info/exclude'), 'ignored\n')
    writeFileSync(join(folder, 'ignored'), '')
    mkdirSync(join(folder, 'sub/.slipway/oci'), { recursive: true })
    writeFileSync(join(folder, 'sub/.slipway/oci/index.json'), '')
    git(folder, 'tag', 'v1')
    assert.equal((await labelsOf(folder)).labels[`${prefix}version`], 'v1')
    writeFileSync(join(folder, 'new'), '')
    const { labels } = await labelsOf(folder)
    assert.equal(labels[`${prefix}version`], 'v1-dirty')
    assert.match(labels[`${prefix}revision`]!, /^[0-9a-f]{40}-dirty$/)
  })
  test('count commits since the tag, with an id of the same length everywhere', async () => {
    const folder = repository()
    git(folder, 'tag', 'v1')
    git(folder, 'commit', '-q', '--allow-empty', '-m', 'two')
    const { labels } = await labelsOf(folder)
    assert.equal(labels[`${prefix}version`], `v1-1-g${git(folder, 'rev-parse', 'HEAD').slice(0, 12)}`)
  })
  test('yield to labels that are given, and to SOURCE_DATE_EPOCH', async () => {
    const { labels } = await labelsOf(repository(), { labels: { [`${prefix}version`]: 'mine' }, epoch: 60 })
    assert.equal(labels[`${prefix}version`], 'mine')
    assert.equal(labels[`${prefix}created`], '1970-01-01T00:01:00Z')
  })
  test('are the same in a worktree and on a detached HEAD', async () => {
    const folder = repository()
    git(folder, 'tag', 'v1')
    const worktree = join(top, 'worktree')
    git(folder, 'worktree', 'add', '-q', '--detach', worktree)
    assert.deepEqual((await labelsOf(worktree)).labels, (await labelsOf(folder)).labels)
  })
  test('in a submodule are those of the submodule', async () => {
    const inner = repository('https://user:secret@github.com/acme/inner.git')
    const outer = repository()
    git(outer, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner, 'inner')
    git(join(outer, 'inner'), 'remote', 'set-url', 'origin', 'https://user:secret@github.com/acme/inner.git')
    const { labels } = await labelsOf(join(outer, 'inner'))
    assert.equal(labels[`${prefix}revision`], git(inner, 'rev-parse', 'HEAD'))
    assert.equal(labels[`${prefix}source`], 'https://github.com/acme/inner')
  })
  test('take the remote of the branch before origin, else the only one', async () => {
    const folder = repository()
    git(folder, 'remote', 'add', 'fork', 'git@github.com:me/api.git')
    git(folder, 'config', 'branch.main.remote', 'fork')
    assert.equal((await labelsOf(folder)).labels[`${prefix}source`], 'https://github.com/me/api')
    const lone = repository('')
    git(lone, 'remote', 'add', 'somewhere', 'git@github.com:some/api.git')
    assert.equal((await labelsOf(lone)).labels[`${prefix}source`], 'https://github.com/some/api')
  })
  test('of a shallow clone have no version, and say why', async () => {
    const folder = repository()
    git(folder, 'tag', 'v1')
    git(folder, 'commit', '-q', '--allow-empty', '-m', 'two')
    const clone = join(top, 'clone')
    git(top, 'clone', '-q', '--depth=1', `file://${folder}`, clone)
    const { labels, warnings } = await labelsOf(clone)
    assert.equal(labels[`${prefix}version`], undefined)
    assert.equal(labels[`${prefix}revision`], git(folder, 'rev-parse', 'HEAD'))
    assert.deepEqual(warnings, [
      'labels from git: no version, as the clone is shallow and has no tag',
      'labels from git: no source, as the remote is a path of this machine',
    ])
  })
  test('without a remote, a commit or a repository say what is left out', async () => {
    assert.deepEqual((await labelsOf(repository(''))).warnings, [
      'labels from git: no version, as no tag leads to the commit',
      'labels from git: no source, as there is no remote',
    ])
    const empty = join(top, 'empty')
    git(top, 'init', '-q', empty)
    assert.deepEqual((await labelsOf(empty)).warnings, [
      `labels from git: the repository ${empty} has no commit yet`,
    ])
    const none = join(top, 'none')
    mkdirSync(none)
    const { labels, warnings } = await labelsOf(none)
    assert.deepEqual(
      [labels, warnings],
      [{}, [`labels from git are left out: ${none} is in no git repository`]],
    )
  })
})
