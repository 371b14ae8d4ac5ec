/** `git log` as commits, read in parts as it is written. */
import type { Waiting } from '../../../base/index.ts'
import type { Person } from '../../event.ts'
import { startGit } from './git-process.ts'
import type { History } from './repository.ts'

export interface Commit {
  readonly id: string
  /** seconds since 1970; the committer's date, which says when it came into this history */
  readonly committed: number
  readonly authored: number
  /** by mailmap; the same object for the same name and mail */
  readonly author: Person
  /** Gerrit's votes, empty when there are none */
  readonly notes: string
  readonly message: string
}

export interface LogOptions extends Waiting {
  /** all branches rather than one */
  readonly allBranches?: boolean | undefined
}

/** Bare repositories have no .mailmap file: it is taken from the commit that is read. */
export function mailmapOf({ commit }: History): string[] {
  return commit === undefined ? [] : ['-c', `mailmap.blob=${commit}:.mailmap`]
}

/** Lists of commits, newest first; each list is what came at once. @throws Failure APPROVALS_SOURCE */
export async function* readLog(history: History, options: LogOptions = {}): AsyncGenerator<Commit[]> {
  if (history.commit === undefined) return
  const notes = history.reviewNotes === undefined ? ['--no-notes'] : [`--notes=${history.reviewNotes}`]
  const format = `--format=%H%n%ct%n%at%n%aN%n%aE%n${history.reviewNotes === undefined ? '' : '%N'}%x01%B`
  // Branches and what was fetched of them; never --all, as mirrors hold the refs of pull requests too.
  const start = options.allBranches ? ['--branches', '--remotes', history.commit] : [history.commit]
  const log = ['log', '-z', '--no-color', '--no-show-signature', '--encoding=UTF-8', ...notes, format]
  const { stdout } = startGit(history.folder, [...mailmapOf(history), ...log, ...start, '--'], options)
  const decoder = new TextDecoder()
  const authors = new Map<string, Person>()
  let rest = ''
  for await (const chunk of stdout) {
    const records = (rest + decoder.decode(chunk, { stream: true })).split('\0')
    rest = records.pop()!
    if (records.length > 0) yield records.map((record) => parseCommit(record, authors))
  }
}

function parseCommit(record: string, authors: Map<string, Person>): Commit {
  const end = record.indexOf('\u0001')
  const [id = '', committed = '', authored = '', name = '', email = '', ...notes] = record
    .slice(0, end)
    .split('\n')
  const key = `${name}\n${email}`
  let author = authors.get(key)
  if (author === undefined) authors.set(key, (author = { ...(name !== '' && { name }), email }))
  return {
    id,
    committed: Number(committed),
    authored: Number(authored),
    author,
    notes: notes.join('\n'),
    message: record.slice(end + 1),
  }
}
