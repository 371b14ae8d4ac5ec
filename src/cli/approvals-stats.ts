/** `slipway approvals stats` and `compat`. */
import { compatOptions, csvRows, makePicture, pairRows, parseDate } from '../approvals/index.ts'
import { writeFileAtomically } from '../base/index.ts'
import type { CompatFlags, StatsFlags } from './approvals-command.ts'
import { collectFiles, pictureOptions } from './approvals-input.ts'
import { partialStatus } from './approvals-sources.ts'
import { statsLines } from './report/approvals-stats.ts'

/** @throws Failure */
export async function runStats(events: readonly string[], flags: StatsFlags): Promise<void> {
  const picture = makePicture(await collectFiles(events), await pictureOptions(flags))
  const { facts, identities } = picture
  if (flags.json) {
    const merges = identities.merges.map(({ label, reasons, spellings }) => ({
      label,
      reasons,
      spellings: flags.mails ? spellings : spellings.map(({ id, login, name }) => ({ id, login, name })),
    }))
    process.stdout.write(`${JSON.stringify({ ...facts, ...(flags.merges && { merges }) }, undefined, 2)}\n`)
  } else {
    const options = { merges: flags.merges ?? false, mails: flags.mails ?? false }
    process.stdout.write(`${statsLines(picture, options).join('\n')}\n`)
  }
  if (facts.partial.length > 0) process.exitCode = partialStatus
}

/** The original's table: nothing but author,approver,count. @throws Failure */
export async function runCompat(events: readonly string[], flags: CompatFlags): Promise<void> {
  const { view, facts } = makePicture(
    await collectFiles(events),
    compatOptions(parseDate('--since', flags.since)),
  )
  const table = csvRows(pairRows(view))
  if (flags.output === undefined || flags.output === '-') process.stdout.write(table)
  else await writeFileAtomically(flags.output, table)
  for (const reason of facts.partial) process.stderr.write(`warning: partial: ${reason}\n`)
  process.stderr.write(`${facts.coverage}\n`)
  if (facts.partial.length > 0) process.exitCode = partialStatus
}
