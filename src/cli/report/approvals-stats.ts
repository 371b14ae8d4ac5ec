/** What events hold, for people: totals, what was left out, how approving is spread, who was taken for whom. */
import type { Facts, Identities, Merge, Picture } from '../../approvals/index.ts'

export function statsLines(
  { facts, identities }: Picture,
  options: { readonly merges: boolean; readonly mails: boolean },
): string[] {
  const { totals, metrics } = facts
  return [
    ...facts.sources.map((source) => `source          ${source}`),
    ...facts.partial.map((reason) => `partial         ${reason}`),
    ...facts.notes.map((note) => `note            ${note}`),
    `range           ${facts.range}`,
    `filters         ${[...facts.filters, ...facts.shows].join(', ')}`,
    '',
    `changes         ${totals.changes}${mark(facts, 'changes')}`,
    `reviews         ${totals.reviews}${mark(facts, 'reviews')}`,
    `latest opinion  ${totals.latest}${mark(facts, 'latest')}`,
    `rows read       ${facts.rows}`,
    ...facts.dropped.map(({ reason, rows }) => `  left out      ${rows} ${reason}`),
    `own changes     ${facts.selfApprovals}`,
    `coverage        ${facts.coverage}`,
    '',
    `approvers       ${metrics.approvers}, half of all approvals by ${metrics.halfGivenBy} of them`,
    `authors         ${metrics.authors}`,
    `pairs           ${metrics.pairs}`,
    `reciprocity     ${metrics.reciprocity.toFixed(3)}`,
    `concentration   ${metrics.concentration.toFixed(3)} (Gini coefficient of approvals given)`,
    ...(facts.medianWaitMs === undefined
      ? []
      : [`median wait     ${duration(facts.medianWaitMs)} until the first approval`]),
    ...mergeLines(identities, options),
  ]
}

function mark(facts: Facts, mode: Facts['mode']): string {
  return facts.mode === mode ? '  <- counted' : ''
}

function mergeLines(
  { merges, mergedByName }: Identities,
  options: { merges: boolean; mails: boolean },
): string[] {
  if (!options.merges)
    return [
      `merged          ${merges.length} people with several spellings, ${mergedByName} of them by name (--merges lists them)`,
    ]
  return ['', ...merges.flatMap((merge) => mergeReport(merge, options.mails))]
}

function mergeReport({ label, reasons, spellings }: Merge, hasMails: boolean): string[] {
  const lines = spellings.map(({ id, login, name, email }) => {
    const mail = email === undefined ? undefined : hasMails ? `<${email}>` : '<mail>'
    return `  ${[id, login, name, mail].filter((part) => part !== undefined).join(' ')}`
  })
  return [`${label} (by ${reasons.join(', ')})`, ...new Set(lines)]
}

export function duration(milliseconds: number): string {
  const hours = milliseconds / 3_600_000
  if (hours < 1) return `${Math.round(milliseconds / 60_000)} min`
  return hours < 48 ? `${hours.toFixed(1)} h` : `${(hours / 24).toFixed(1)} days`
}
