/** Which history of a repository is meant, by full names: `HEAD` alone may be the name of a branch too. */
import { basename, resolve } from 'node:path'
import { Failure, type Waiting } from '../../../base/index.ts'
import { git, gitFailure } from './git-process.ts'

export interface History {
  readonly folder: string
  /** `owner/name` of where it was cloned from, else the name of its folder */
  readonly name: string
  /** full name such as `refs/heads/main`; a commit when no branch is checked out */
  readonly ref: string
  /** nothing in a repository without commits */
  readonly commit: string | undefined
  readonly isShallow: boolean
  /** the full name of the notes with Gerrit's votes, when there are any */
  readonly reviewNotes: string | undefined
}

export interface HistoryOptions extends Waiting {
  /** branch, tag or commit; default: what is checked out */
  readonly ref?: string | undefined
  readonly name?: string | undefined
}

/** @throws Failure APPROVALS_SOURCE | USAGE */
export async function openHistory(path: string, options: HistoryOptions = {}): Promise<History> {
  const folder = resolve(path)
  const run = (...args: string[]) => git(folder, args, options)
  const found = await run('rev-parse', '--is-shallow-repository')
  if (found.status !== 0) throw notARepository(path, found.stderr)
  const [{ ref, commit }, notes, name] = await Promise.all([
    options.ref === undefined ? checkedOut(run, path) : named(run, options.ref),
    run('rev-parse', '--verify', '--quiet', 'refs/notes/review'),
    options.name ?? nameOf(run, folder),
  ])
  return {
    folder,
    name,
    ref,
    commit,
    isShallow: found.stdout.trim() === 'true',
    reviewNotes: notes.status === 0 ? 'refs/notes/review' : undefined,
  }
}

type Run = (...args: string[]) => ReturnType<typeof git>

function notARepository(path: string, stderr: string): Failure {
  if (/dubious ownership/.test(stderr)) {
    return new Failure('APPROVALS_SOURCE', `git does not trust ${path}: it belongs to another user`, {
      hint: `git config --global --add safe.directory ${resolve(path)}`,
    })
  }
  if (/cannot change to|not a git repository/i.test(stderr)) {
    const why = /cannot change to/.test(stderr) ? 'is no folder that can be entered' : 'is no git repository'
    return new Failure('APPROVALS_SOURCE', `${path} ${why}`, {
      hint: 'name a clone, with or without a work tree: slipway approvals git PATH',
    })
  }
  return gitFailure(`reading ${path}`, stderr)
}

async function checkedOut(run: Run, path: string): Promise<Pick<History, 'ref' | 'commit'>> {
  const branch = (await run('symbolic-ref', '--quiet', 'HEAD')).stdout.trim()
  const commit = (await run('rev-parse', '--verify', '--quiet', `${branch || 'HEAD'}^{commit}`)).stdout.trim()
  if (commit !== '') return { ref: branch || commit, commit }
  const branches = (
    await run('for-each-ref', '--count=3', '--format=%(refname:short)', 'refs/heads', 'refs/remotes')
  ).stdout
    .trim()
    .split('\n')
    .filter((name) => name !== '')
  if (branches.length === 0) return { ref: branch, commit: undefined }
  throw new Failure(
    'APPROVALS_SOURCE',
    `the branch ${branch.replace('refs/heads/', '')} of ${path} has no commits`,
    {
      hint: `name one that has: --ref ${branches[0]}`,
    },
  )
}

async function named(run: Run, ref: string): Promise<Pick<History, 'ref' | 'commit'>> {
  const commit = (await run('rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`)).stdout
    .trim()
    .split('\n')
    .at(-1)!
  if (commit === '') throw new Failure('USAGE', `--ref ${ref} is no branch, tag or commit of this repository`)
  const full = (await run('rev-parse', '--symbolic-full-name', '--end-of-options', ref)).stdout
    .trim()
    .split('\n')
    .at(-1)!
  return { ref: full.startsWith('refs/') ? full : commit, commit }
}

/** The last two parts of where it was cloned from; an address may hold a password, which is in neither. */
async function nameOf(run: Run, folder: string): Promise<string> {
  const url = (await run('config', '--get', 'remote.origin.url')).stdout.trim()
  const path = url
    .replace(/^[a-z+]+:\/\/[^/]*\//i, '')
    .replace(/^[^/:]+:/, '')
    .replace(/(?:\.git)?\/*$/, '')
  const parts = path.split('/').filter((part) => part !== '' && part !== '..' && part !== '.')
  if (parts.length > 0) return parts.slice(-2).join('/')
  const own = basename(folder)
  return own === '.git' ? basename(resolve(folder, '..')) : own.replace(/\.git$/, '')
}
