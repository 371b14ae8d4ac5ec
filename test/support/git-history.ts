/** Histories of tests: repositories made by `git fast-import` from a list of commits, the same on every machine. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface HistoryCommit {
  readonly message: string
  /** `Name <mail>`, default `Ada Byron <ada@example.org>` */
  readonly author?: string
  /** ISO 8601; default: a day after the one before, from 2020-01-01 on */
  readonly at?: string
  /** full name of a branch, default `refs/heads/main` */
  readonly branch?: string
  /** path -> content, in the tree from this commit on */
  readonly files?: Readonly<Record<string, string>>
  /** what `refs/notes/review` says of it */
  readonly note?: string
}

/** Runs git in a folder with nobody's configuration, and returns what it prints. */
export function gitIn(folder: string, ...args: string[]): string {
  return execFileSync('git', ['-C', folder, ...args], {
    encoding: 'utf8',
    env: environment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function environment(): NodeJS.ProcessEnv {
  const who = {
    GIT_AUTHOR_NAME: 't',
    GIT_AUTHOR_EMAIL: 't@t',
    GIT_COMMITTER_NAME: 't',
    GIT_COMMITTER_EMAIL: 't@t',
  }
  return { PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', ...who }
}

/** Makes a bare repository. */
export function writeHistory(folder: string, commits: readonly HistoryCommit[]): void {
  mkdirSync(folder, { recursive: true })
  gitIn(folder, 'init', '--quiet', '--bare', '--initial-branch=main', '.')
  if (commits.length === 0) return
  const blob = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`
  const begun = new Set<string>()
  const input = commits.map(
    (
      { message, author = 'Ada Byron <ada@example.org>', at, branch = 'refs/heads/main', files = {} },
      index,
    ) => {
      const seconds = Math.floor((at === undefined ? Date.UTC(2020, 0, 1 + index) : Date.parse(at)) / 1000)
      const changes = Object.entries(files).map(([path, text]) => `M 100644 inline ${path}\n${blob(text)}`)
      // A new branch begins where the first one is.
      const from = !begun.has(branch) && begun.size > 0 ? `from refs/heads/main\n` : ''
      begun.add(branch)
      return `commit ${branch}\nmark :${index + 1}\nauthor ${author} ${seconds} +0000\ncommitter ${author} ${seconds} +0000\n${blob(message)}${from}${changes.join('')}\n`
    },
  )
  execFileSync('git', ['-C', folder, 'fast-import', '--quiet', `--export-marks=${join(folder, 'marks')}`], {
    input: input.join(''),
    env: environment(),
  })
  const ids = new Map(
    readFileSync(join(folder, 'marks'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  )
  for (const [index, { note }] of commits.entries())
    if (note !== undefined)
      gitIn(folder, 'notes', '--ref=refs/notes/review', 'add', '-m', note, ids.get(`:${index + 1}`)!)
}
