/** What git knows of the folder of a project. Asks the program `git`; writes nothing, not even the index of the repository. */
import { execFile } from 'node:child_process'
import { Failure, systemCode, type Waiting } from '../../base/index.ts'

export interface GitRepository {
  /** absolute path of the work tree */
  readonly root: string
  /** nothing before the first commit */
  readonly commit: GitCommit | undefined
  /** files differ from the commit, or are neither in it nor ignored; `.slipway` folders do not count */
  readonly isDirty: boolean
  /** address of the remote of the branch, else of origin, upstream or the only one, as git would use it */
  readonly remote: string | undefined
  /** history was cut, so that tags may be missing */
  readonly isShallow: boolean
}

export interface GitCommit {
  readonly id: string
  /** of the committer, seconds since the epoch */
  readonly time: number
  /** the tag of the commit, or the last tag before it with the distance: `v1.2-3-gab12cd34ef56` */
  readonly description: string | undefined
}

/**
 * Nothing when the folder is in no work tree.
 * @throws Failure GIT_FAILED when git is not there or refuses the repository
 */
export async function readRepository(
  folder: string,
  options: Waiting = {},
): Promise<GitRepository | undefined> {
  const ask = asker(folder, options)
  const place = await ask(['rev-parse', '--show-toplevel', '--is-shallow-repository'])
  if (place.text === undefined) {
    if (/not a git repository|must be run in a work tree/i.test(place.error)) return undefined
    throw new Failure('GIT_FAILED', `git cannot read the repository of ${folder}`, {
      output: place.error,
      hint: /safe\.directory/.test(place.error)
        ? `it belongs to somebody else: git config --global --add safe.directory ${folder}`
        : undefined,
    })
  }
  const [root = '', shallow = ''] = place.text.split('\n')
  const [log, description, status, remote] = await Promise.all([
    ask(['log', '-1', '--no-show-signature', '--format=%H %ct']),
    // The default length grows with the repository, so that two clones would differ.
    ask(['describe', '--tags', '--abbrev=12']),
    ask(['status', '--porcelain', '--', ':/', ':(top,exclude,glob)**/.slipway/**']),
    findRemote(ask),
  ])
  const [id = '', time = ''] = (log.text ?? '').split(' ')
  return {
    root,
    commit: log.text ? { id, time: Number(time), description: description.text } : undefined,
    isDirty: (status.text ?? '') !== '',
    remote,
    isShallow: shallow === 'true',
  }
}

interface Answer {
  /** standard output without the last line end; nothing when git ended with an error */
  readonly text: string | undefined
  readonly error: string
}

type Ask = (args: readonly string[]) => Promise<Answer>

async function findRemote(ask: Ask): Promise<string | undefined> {
  const [names, branch] = await Promise.all([ask(['remote']), ask(['symbolic-ref', '-q', '--short', 'HEAD'])])
  const known = (names.text ?? '').split('\n').filter((name) => name !== '')
  const tracked = branch.text && (await ask(['config', '--get', `branch.${branch.text}.remote`])).text
  const name =
    [tracked, 'origin', 'upstream'].find((candidate) => candidate && known.includes(candidate)) ??
    (known.length === 1 ? known[0] : undefined)
  return name === undefined ? undefined : (await ask(['remote', 'get-url', name])).text
}

function asker(folder: string, { signal }: Waiting): Ask {
  const env = environment(process.env)
  return (args) =>
    new Promise((resolve, reject) => {
      const options = { cwd: folder, env, maxBuffer: 256 << 20, ...(signal && { signal }) }
      execFile('git', ['--no-optional-locks', ...args], options, (error, stdout, stderr) => {
        if (signal?.aborted) reject(signal.reason as Error)
        else if (systemCode(error) === 'ENOENT') reject(noGit(error))
        else resolve({ text: error ? undefined : stdout.replace(/\n$/, ''), error: stderr.trim() })
      })
    })
}

function noGit(cause: unknown): Failure {
  return new Failure('GIT_FAILED', 'there is no program git', { hint: 'install git', cause })
}

/** Without what a surrounding git (a hook, an alias) says about its own repository, and in its own words. */
function environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) => !/^GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|NAMESPACE|PREFIX|COMMON_DIR)$/.test(name),
  )
  return { ...Object.fromEntries(kept), LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0' }
}
