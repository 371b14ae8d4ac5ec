/** `slipway approvals`: who approves whose changes. Sources print events, the others read them. */
import type { Command } from 'commander'
import { collect, collectList } from './flags.ts'

export interface SourceFlags {
  /** file of events; default: the standard output */
  readonly output?: string
}

export interface GitFlags extends SourceFlags {
  readonly ref?: string
  readonly name?: string
  readonly keys?: string[]
  readonly style: string[]
  readonly allBranches?: boolean
}

/** What is counted and how: of `graph` and `stats`. */
export interface CountFlags {
  readonly since?: string
  readonly until?: string
  readonly count: string
  readonly outcome: string
  readonly bots?: boolean
  readonly ghosts: boolean
  readonly own?: boolean
  readonly bot?: string[]
  readonly people?: string
  readonly mergeNames: boolean
  readonly groupBy: string
  readonly min: string
  readonly minPer: string
  readonly top: string
  readonly others: boolean
}

export interface ServerFlags extends SourceFlags {
  readonly since?: string
  readonly progress: string
}

export interface GithubFlags extends ServerFlags {
  readonly apiUrl?: string
  readonly rest?: boolean
  /** a folder, or false for none */
  readonly store: string | boolean
  readonly full?: boolean
}

export interface GerritFlags extends ServerFlags {
  readonly query?: string
  readonly label: string
}

export interface GitlabFlags extends ServerFlags {
  readonly notes?: boolean
}

export interface GharchiveFlags extends SourceFlags {
  readonly repo: string[]
}

export interface RowsFlags extends SourceFlags {
  readonly name?: string
  readonly columns?: string[]
}

export interface StatsFlags extends CountFlags {
  readonly json?: boolean
  readonly merges?: boolean
  readonly mails?: boolean
}

export interface CompatFlags {
  readonly since: string
  readonly output?: string
}

export interface GraphFlags extends CountFlags {
  readonly output?: string[]
  readonly format?: string
  readonly arcs: string
  readonly view: string
  readonly theme: string
  readonly width: string
  readonly anonymise?: string | true
}

export function addApprovalsCommand(program: Command): void {
  const approvals = program
    .command('approvals')
    .description('who approves whose changes, as a picture: sources print events, graph draws them')
  addGit(approvals)
  addServers(approvals)
  addRows(approvals)
  addGraph(approvals)
  addStats(approvals)
}

function addGit(approvals: Command): void {
  approvals
    .command('git')
    .description(
      'events from the history of a repository: review trailers, Gerrit votes, merges of bors, Phabricator',
    )
    .argument('<repository>', 'a clone, with or without a work tree')
    .option('--ref <ref>', 'branch, tag or commit; default what is checked out')
    .option('--name <name>', 'what the repository is called; default by where it was cloned from')
    .option('--keys <keys>', 'trailers that approve, default reviewed-by,approved-by', collectList)
    .option('--style <styles>', 'auto, or some of trailers, bors, phabricator, notes', collectList, [])
    .option('--all-branches', 'every branch, each change once')
    .option('-o, --output <file>', 'write the events there; default the standard output')
    .action(async (repository: string, flags: GitFlags) => {
      const { runGit } = await import('./approvals-sources.ts')
      await runGit(repository, flags)
    })
}

function addServers(approvals: Command): void {
  const server = (name: string, description: string) =>
    approvals
      .command(name)
      .description(description)
      .option('--since <date>', 'leave changes alone that were not touched since')
      .option('--progress <mode>', 'auto, plain, json or quiet', 'auto')
      .option('-o, --output <file>', 'write the events there; default the standard output')
  server('github', 'events from pull requests; a token is taken from GITHUB_TOKEN or GH_TOKEN')
    .argument('<repository...>', 'owner/name, or owner/* for all of an owner')
    .option('--api-url <url>', 'of a server of your own: https://HOST/api/v3')
    .option(
      '--rest',
      'ask the REST API, a request or more for each change; default GraphQL where it is to be had',
    )
    .option('--store <dir>', 'keeps what was read for the next run; default a folder of the cache')
    .option('--no-store', 'keep nothing')
    .option('--full', 'read everything again')
    .action(async (repositories: string[], flags: GithubFlags) => {
      const { runGithub } = await import('./approvals-servers.ts')
      await runGithub(repositories, flags)
    })
  server(
    'gerrit',
    'events from votes of a Gerrit server; an account is taken from GERRIT_USER and GERRIT_TOKEN',
  )
    .argument('<server>', 'https://review.example.org')
    .option('--query <query>', "which changes, in Gerrit's words, such as project:tools; default all")
    .option('--label <label>', 'whose highest vote approves', 'Code-Review')
    .action(async (address: string, flags: GerritFlags) => {
      const { runGerrit } = await import('./approvals-servers.ts')
      await runGerrit(address, flags)
    })
  server('gitlab', 'events from merge requests; a token is taken from GITLAB_TOKEN')
    .argument('<project...>', 'https://gitlab.com/group/project')
    .option('--notes', 'read notes too, and so what was withdrawn')
    .action(async (projects: string[], flags: GitlabFlags) => {
      const { runGitlab } = await import('./approvals-servers.ts')
      await runGitlab(projects, flags)
    })
  approvals
    .command('gharchive')
    .description('events from files of GH Archive')
    .argument('<file...>', 'such as 2024-01-01-12.json.gz')
    .requiredOption('--repo <repository>', 'owner/name or owner/*; may be given several times', collectList)
    .option('-o, --output <file>', 'write the events there; default the standard output')
    .action(async (files: string[], flags: GharchiveFlags) => {
      const { runGharchive } = await import('./approvals-servers.ts')
      await runGharchive(files, flags)
    })
}

function addRows(approvals: Command): void {
  approvals
    .command('rows')
    .description('events from {"rows": [[approver, author, count]]} or a table of three columns')
    .argument('<file>', 'JSON or CSV; - is the standard input')
    .option(
      '--columns <columns>',
      'what columns are: author, approver, count, skip; default by the first line',
      collectList,
    )
    .option('--name <name>', 'what the repository is called', 'rows')
    .option('-o, --output <file>', 'write the events there; default the standard output')
    .action(async (file: string, flags: RowsFlags) => {
      const { runRows } = await import('./approvals-sources.ts')
      await runRows(file, flags)
    })
}

function addCountFlags(command: Command): Command {
  return command
    .option('--since <date>', 'from then on; days begin at midnight UTC')
    .option('--until <date>', 'until then, itself out')
    .option('--count <mode>', 'changes, reviews or latest (opinion)', 'changes')
    .option('--outcome <outcome>', 'merged, closed, open or all', 'all')
    .option('--bots', 'count programs too')
    .option('--no-ghosts', 'leave accounts out that are gone')
    .option('--own', 'count approvals of own changes too')
    .option('--bot <name>', 'a login, name or mail of a program; may be given several times', collectList)
    .option('--people <file>', 'YAML: who is the same, who is a program, who was in which team')
    .option('--no-merge-names', 'people of histories with one full name and several mails are not one')
    .option('--group-by <what>', 'person or team', 'person')
    .option('--min <count>', 'leave pairs out that have fewer', '1')
    .option('--min-per <what>', 'pair: both directions together; direction: each for itself', 'pair')
    .option('--top <count>', 'so many by name', '40')
    .option('--no-others', 'leave the rest out instead of showing it as one')
}

function addGraph(approvals: Command): void {
  const command = approvals
    .command('graph')
    .description('a picture of events: html, svg, png, csv, json or md by the name of the output')
    .argument('<events...>', 'files of events or rows; - is the standard input')
    .option('-o, --output <file>', 'where to; - is the standard output; may be given several times', collect)
    .option('--format <format>', 'html, svg, png, csv, json or md; default by the name of the output')
    .option('--arcs <what>', 'what arcs are as wide as: received or given', 'received')
    .option('--view <view>', 'chord or matrix', 'chord')
    .option('--theme <theme>', 'light or dark, of svg and png', 'light')
    .option('--width <pixels>', 'of png', '2000')
    .option('--anonymise [seed]', 'numbers in the place of names, by the seed')
  addCountFlags(command).action(async (events: string[], flags: GraphFlags) => {
    const { runGraph } = await import('./approvals-graph.ts')
    await runGraph(events, flags)
  })
}

function addStats(approvals: Command): void {
  const stats = approvals
    .command('stats')
    .description('totals of events, what is left out and why, how approving is spread')
    .argument('<events...>', 'files of events or rows; - is the standard input')
    .option('--json', 'as JSON')
    .option('--merges', 'list who was taken for one person, and why')
    .option('--mails', 'with their mails')
  addCountFlags(stats).action(async (events: string[], flags: StatsFlags) => {
    const { runStats } = await import('./approvals-stats.ts')
    await runStats(events, flags)
  })
  approvals
    .command('compat')
    .description('the table of the original chart: author,approver,count of more than 5 reviews')
    .argument('<events...>', 'files of events or rows; - is the standard input')
    .option('--since <date>', 'strictly after then', '2020-01-01')
    .option('-o, --output <file>', 'write the table there; default the standard output')
    .action(async (events: string[], flags: CompatFlags) => {
      const { runCompat } = await import('./approvals-stats.ts')
      await runCompat(events, flags)
    })
}
