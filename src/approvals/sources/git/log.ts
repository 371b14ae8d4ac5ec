/** `git log` as commits, read in parts as it is written. */
import type { Waiting } from '../../../base/index.ts'
import { copyByteText, fromByteText } from '../../byte-text.ts'
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
  /** as byte text */
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
  const format = `--format=%H%n%ct%n%at%n%aN%n%aE%x01${history.reviewNotes === undefined ? '' : '%N'}%x01%B`
  // Branches and what was fetched of them; never --all, as mirrors hold the refs of pull requests too.
  const start = options.allBranches ? ['--branches', '--remotes', history.commit] : [history.commit]
  const log = ['log', '-z', '--no-color', '--no-show-signature', '--encoding=UTF-8', ...notes, format]
  const { stdout } = startGit(history.folder, [...mailmapOf(history), ...log, ...start, '--'], {
    signal: options.signal,
    isBuffered: true,
  })
  const authorOf = authorCache()
  for await (const records of recordsOf(stdout)) yield parseCommits(records, authorOf)
}

/** More is slower: what is made of it would outlive the collector's first rounds. */
const bytesAtOnce = 96 * 1024

/** Whole records, as byte texts of many. */
async function* recordsOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let held: Uint8Array[] = []
  let [size, enough] = [0, bytesAtOnce]
  for await (const chunk of chunks) {
    held.push(chunk)
    size += chunk.length
    if (size < enough) continue
    const bytes = Buffer.concat(held, size)
    const end = bytes.lastIndexOf(0) + 1
    if (end > 0) yield bytes.toString('latin1', 0, end)
    held = [bytes.subarray(end)]
    size -= end
    enough = Math.max(bytesAtOnce, size * 2)
  }
  yield Buffer.concat(held, size).toString('latin1')
}

function parseCommits(records: string, authorOf: (who: string) => Person): Commit[] {
  const commits: Commit[] = []
  for (let [start, end] = [0, 0]; (end = records.indexOf('\0', start)) >= 0; start = end + 1) {
    const id = records.indexOf('\n', start)
    const committed = records.indexOf('\n', id + 1)
    const authored = records.indexOf('\n', committed + 1)
    const who = records.indexOf('\u0001', authored + 1)
    const notes = records.indexOf('\u0001', who + 1)
    commits.push({
      id: records.slice(start, id),
      committed: Number(records.slice(id + 1, committed)),
      authored: Number(records.slice(committed + 1, authored)),
      author: authorOf(records.slice(authored + 1, who)),
      notes: notes === who + 1 ? '' : fromByteText(records.slice(who + 1, notes)),
      message: records.slice(notes + 1, end),
    })
  }
  return commits
}

/** Authors by their name and mail, two lines; the same object for the same two. */
function authorCache(): (who: string) => Person {
  const known = new Map<string, Person>()
  return (who) => {
    let author = known.get(who)
    if (author === undefined) {
      const [name = '', email = ''] = fromByteText(who).split('\n')
      author = { ...(name !== '' && { name }), email }
      known.set(copyByteText(who), author)
    }
    return author
  }
}
