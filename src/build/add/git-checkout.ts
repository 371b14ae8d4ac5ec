/**
 * Git repositories for ADD, kept in the cache: `git-1/<remote>.git` holds what was fetched, `git-1/<commit and
 * settings>/` the files of one commit, complete or absent. A commit that is there is never fetched again.
 */
import { createHash, randomBytes } from 'node:crypto'
import { lstatSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure, fileFailure, type Place, type Waiting } from '../../base/index.ts'
import { redactUrl } from '../../http/index.ts'
import { cachePath, withLockFile } from '../../store/index.ts'
import { folderTree } from '../context/folder.ts'
import { subtree } from '../context/virtual.ts'
import { resolvePath, type Tree } from '../tree.ts'
import { git } from './git-program.ts'
import type { GitReference } from './git-reference.ts'

export interface CheckoutOptions extends Waiting {
  /** cache folder */
  readonly cache: string
  /** has no effect on a folder of the repository */
  readonly keepGitDir: boolean
  readonly at: Place
}

/** The files of one commit. */
export interface Checkout extends Tree {
  /** 40 or 64 hex digits */
  readonly commit: string
}

/** The files of a repository at a ref. @throws Failure DOWNLOAD_FAILED | CONTENT_MISMATCH | SOURCE_NOT_FOUND */
export async function checkOut(reference: GitReference, options: CheckoutOptions): Promise<Checkout> {
  const { cache, at, signal } = options
  const keepGitDir = options.keepGitDir && reference.subdir === ''
  const shown = redactUrl(reference.remote)
  const folder = cachePath(cache, 'git')
  const commit = await findCommit(reference, shown, options)
  const name = hashOf([commit, reference.remote, String(keepGitDir), String(reference.submodules)].join('\n'))
  const path = join(folder, name.slice(0, 40))
  if (!isFolder(path)) {
    await mkdir(folder, { recursive: true })
    const repository = join(folder, `${hashOf(reference.remote).slice(0, 40)}.git`)
    await withLockFile(
      `${repository}.lock`,
      async () => {
        if (isFolder(path)) return
        await fetchCommit(repository, reference, commit, { shown, signal })
        await writeFiles(repository, path, { reference, commit, shown, keepGitDir, signal })
      },
      { signal },
    )
  }
  return { ...folderOf(path, reference.subdir, `${shown} at ${commit.slice(0, 12)}`, at), commit }
}

const wholeCommit = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

async function findCommit(
  { remote, ref, checksum }: GitReference,
  shown: string,
  { at, signal }: CheckoutOptions,
): Promise<string> {
  if (ref !== undefined && wholeCommit.test(ref)) {
    checkCommit([ref], checksum, { shown, at })
    return ref
  }
  const names = ref === undefined ? ['HEAD'] : [ref, `${ref}^{}`]
  const text = await git(['ls-remote', '--', remote, ...names], { purpose: `look at ${shown}`, signal })
  const found = new Map(
    text.split('\n').flatMap((line) => {
      const [id, name] = line.split('\t')
      return id && name ? [[name, id] as const] : []
    }),
  )
  const short = (prefix: string): string => prefix + (ref ?? '').replace(prefix, '')
  const direct = found.get(`refs/${(ref ?? '').replace(/^refs\//, '')}`) ?? found.get(short('refs/heads/'))
  const tag = short('refs/tags/')
  // A branch wins over a tag of the same name; an annotated tag stands for the commit it names.
  const ids =
    ref === undefined
      ? [found.get('HEAD')]
      : direct === undefined || ref.startsWith('refs/tags/')
        ? [found.get(`${tag}^{}`), found.get(tag)]
        : [direct]
  const commits = ids.filter((id) => id !== undefined)
  if (commits[0] === undefined) {
    throw new Failure('DOWNLOAD_FAILED', `${shown} has no ${ref === undefined ? 'commit' : `ref "${ref}"`}`, {
      at,
      hint: 'name a branch, a tag or a whole commit behind "#"',
    })
  }
  checkCommit(commits, checksum, { shown, at })
  return commits[0]
}

function checkCommit(
  commits: readonly string[],
  checksum: string | undefined,
  { shown, at }: { shown: string; at: Place },
): void {
  if (checksum === undefined || commits.some((commit) => commit.startsWith(checksum.toLowerCase()))) return
  throw new Failure('CONTENT_MISMATCH', `${shown} is at commit ${commits[0]}, not at ${checksum}`, {
    at,
    hint: 'check the ref, or correct the commit in --checksum',
  })
}

interface FetchOptions extends Waiting {
  readonly shown: string
}

async function fetchCommit(
  repository: string,
  { remote, ref }: GitReference,
  commit: string,
  { shown, signal }: FetchOptions,
): Promise<void> {
  const options = { purpose: `fetch ${shown}`, gitDir: repository, signal }
  const has = (): Promise<boolean> =>
    git(['cat-file', '-e', `${commit}^{commit}`], options).then(
      () => true,
      () => false,
    )
  if (!isFolder(repository)) {
    const format = commit.length === 64 ? ['--object-format=sha256'] : []
    await git(['init', '--quiet', '--bare', ...format, repository], { purpose: `fetch ${shown}`, signal })
  }
  if (await has()) return
  const fetch = (...args: string[]) => git(['fetch', '--quiet', '--force', ...args], options)
  try {
    await fetch('--depth=1', '--no-tags', '--', remote, commit)
  } catch (error) {
    signal?.throwIfAborted()
    // Some servers give out only what a ref names.
    await fetch('--depth=1', '--no-tags', '--', remote, ref ?? 'HEAD').catch(() => {
      throw error
    })
    if (!(await has())) await fetch('--', remote, '+refs/*:refs/remotes/origin/*')
    if (!(await has())) throw error
  }
}

interface WriteOptions extends FetchOptions {
  readonly reference: GitReference
  readonly commit: string
  readonly keepGitDir: boolean
}

async function writeFiles(repository: string, path: string, options: WriteOptions): Promise<void> {
  const { reference, commit, shown, keepGitDir, signal } = options
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  const workTree = join(temporary, 'files')
  try {
    await mkdir(workTree, { recursive: true })
    // A repository of its own, so that the index is of these files alone.
    const gitDir = join(keepGitDir ? workTree : temporary, '.git')
    const inside = { purpose: `check out ${shown}`, gitDir, workTree, signal }
    const format = commit.length === 64 ? ['--object-format=sha256'] : []
    await git(['-c', 'init.defaultBranch=master', 'init', '--quiet', ...format], inside)
    const named = `refs/slipway/${commit}`
    await git(['update-ref', named, commit], { ...inside, gitDir: repository })
    await git(['fetch', '--quiet', '--depth=1', '--', `file://${repository}`, named], inside)
    await git(['checkout', '--quiet', '--detach', commit], inside)
    await git(['remote', 'add', 'origin', reference.remote], inside)
    if (reference.submodules)
      await git(['submodule', 'update', '--quiet', '--init', '--recursive', '--depth=1'], inside)
    if (keepGitDir) {
      // what is kept must hold no password, and nothing that differs from one checkout to the next
      await git(['remote', 'set-url', 'origin', shown], inside)
      await rm(join(gitDir, 'FETCH_HEAD'), { force: true })
      await rm(join(gitDir, 'logs'), { recursive: true, force: true })
    }
    await rename(workTree, path)
  } catch (error) {
    throw fileFailure('check out', shown, error)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

function folderOf(path: string, subdir: string, description: string, at: Place): Tree {
  const tree = folderTree(path, { description })
  if (subdir === '') return tree
  const { path: found, node } = resolvePath(tree, subdir, false)
  if (node?.type === 'directory' && found === subdir)
    return subtree(tree, subdir, `${description}, folder ${subdir}`)
  throw new Failure('SOURCE_NOT_FOUND', `${description} has no folder "${subdir}"`, { at })
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
