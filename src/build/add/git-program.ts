/** The program `git`: commands whose output is text, in an environment where it asks nobody and runs no hook. */
import { spawn } from 'node:child_process'
import { Failure, systemCode, type Waiting } from '../../base/index.ts'

export interface GitOptions extends Waiting {
  /** what the command is for, for messages: `fetch https://…` */
  readonly purpose: string
  /** repository folder, `--git-dir` */
  readonly gitDir?: string
  /** folder of the files, `--work-tree` */
  readonly workTree?: string
}

// A submodule of a fetched repository must not reach into the files of this machine.
const settings = [
  'core.hooksPath=/dev/null',
  'core.autocrlf=false',
  'core.eol=lf',
  'protocol.file.allow=user',
]

/** Runs git and returns what it wrote to stdout. @throws Failure DOWNLOAD_FAILED with what it wrote to stderr */
export async function git(args: readonly string[], options: GitOptions): Promise<string> {
  const { purpose, gitDir, workTree, signal } = options
  const all = [
    ...settings.flatMap((setting) => ['-c', setting]),
    ...(gitDir === undefined ? [] : ['--git-dir', gitDir]),
    ...(workTree === undefined ? [] : ['--work-tree', workTree]),
    ...args,
  ]
  signal?.throwIfAborted()
  // Modes of files must not depend on the umask of whoever runs this.
  const child = spawn('sh', ['-c', 'umask 022; exec git "$@"', 'git', ...all], {
    cwd: workTree,
    env: environment(process.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal && { signal }),
  })
  const [out, err]: [Buffer[], Buffer[]] = [[], []]
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  }).catch((error: unknown) => {
    signal?.throwIfAborted()
    throw systemCode(error) === undefined ? error : noGit(purpose, error)
  })
  signal?.throwIfAborted()
  if (status === 0) return Buffer.concat(out).toString('utf8')
  // the status of a shell that finds no such program
  if (status === 127) throw noGit(purpose)
  throw new Failure('DOWNLOAD_FAILED', `cannot ${purpose}: git ended with status ${status}`, {
    output: Buffer.concat(err).toString('utf8').trim(),
    hint: 'check the address, the ref and your access to it',
  })
}

function noGit(purpose: string, cause?: unknown): Failure {
  return new Failure('DOWNLOAD_FAILED', `cannot ${purpose}: there is no program git`, {
    hint: 'install git',
    cause,
  })
}

/** Without what a surrounding git (a hook, an alias) says about its own repository. */
function environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) => !/^GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|NAMESPACE|PREFIX|COMMON_DIR)$/.test(name),
  )
  return {
    ...Object.fromEntries(kept),
    GIT_TERMINAL_PROMPT: '0',
    GIT_LFS_SKIP_SMUDGE: '1',
    LC_ALL: 'C',
  }
}
