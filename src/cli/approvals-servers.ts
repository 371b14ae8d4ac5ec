/** Sources of approvals on servers as a process: tokens from the environment alone, waits and progress on stderr. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import {
  parseDate,
  readGerrit,
  readGharchive,
  readGithub,
  readGitlab,
  type EmitSource,
  type SourceEvent,
} from '../approvals/index.ts'
import { cacheFolder } from '../store/index.ts'
import type {
  GerritFlags,
  GharchiveFlags,
  GithubFlags,
  GitlabFlags,
  ServerFlags,
} from './approvals-command.ts'
import { choice } from './approvals-input.ts'
import { printEvents } from './approvals-sources.ts'

export async function runGithub(repositories: readonly string[], flags: GithubFlags): Promise<void> {
  const { GITHUB_TOKEN, GH_TOKEN } = process.env
  const common = commonOptions(flags)
  await printEvents(flags.output, (signal) =>
    readGithub(repositories, {
      ...common,
      signal,
      apiUrl: flags.apiUrl,
      token: nonEmpty(GITHUB_TOKEN) ?? nonEmpty(GH_TOKEN),
      isRest: flags.rest,
      isFull: flags.full,
      store: storeFolder(flags.store),
    }),
  )
}

function storeFolder(flag: string | boolean): string | undefined {
  if (flag === false) return undefined
  return typeof flag === 'string' ? flag : join(cacheFolder(process.env, homedir()), 'approvals')
}

export async function runGerrit(server: string, flags: GerritFlags): Promise<void> {
  const { GERRIT_USER, GERRIT_TOKEN } = process.env
  const { query, label } = flags
  const common = commonOptions(flags)
  await printEvents(flags.output, (signal) =>
    readGerrit(server, {
      ...common,
      signal,
      query,
      label,
      user: nonEmpty(GERRIT_USER),
      token: nonEmpty(GERRIT_TOKEN),
    }),
  )
}

export async function runGitlab(projects: readonly string[], flags: GitlabFlags): Promise<void> {
  const { GITLAB_TOKEN } = process.env
  const common = commonOptions(flags)
  await printEvents(flags.output, (signal) =>
    readGitlab(projects, { ...common, signal, hasNotes: flags.notes, token: nonEmpty(GITLAB_TOKEN) }),
  )
}

export async function runGharchive(files: readonly string[], flags: GharchiveFlags): Promise<void> {
  await printEvents(flags.output, () => readGharchive(files, { repos: flags.repo }))
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

function commonOptions(flags: ServerFlags): { since: number | undefined; emit: EmitSource } {
  const mode = choice('--progress', flags.progress, ['auto', 'plain', 'json', 'quiet'] as const)
  return {
    since: flags.since === undefined ? undefined : parseDate('--since', flags.since),
    emit: mode === 'quiet' ? () => undefined : mode === 'json' ? printJson : printPlain(),
  }
}

function printJson(event: SourceEvent): void {
  process.stderr.write(`${JSON.stringify(event)}\n`)
}

const progressEveryMs = 5000

/** Waits are always told: one that is not looks like a program that hangs. */
function printPlain(): EmitSource {
  let last = Date.now()
  return (event) => {
    if (event.kind === 'progress') {
      if (Date.now() - last < progressEveryMs) return
      last = Date.now()
    }
    process.stderr.write(`${sourceLine(event)}\n`)
  }
}

function sourceLine(event: SourceEvent): string {
  switch (event.kind) {
    case 'note':
      return `note: ${event.message}`
    case 'progress':
      return `${event.repo}: ${event.done}${event.total === undefined ? '' : ` of ${event.total}`} changes read`
    case 'waiting': {
      const seconds = Math.ceil(event.delayMs / 1000)
      return `waiting ${seconds} s, until ${new Date(event.until).toISOString().slice(11, 19)} UTC: ${event.reason}`
    }
  }
}
