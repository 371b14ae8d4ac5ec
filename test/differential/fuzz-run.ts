/** Random Dockerfiles given to both builders; what they do not agree on is shrunk to the least that shows it. */
import fc from 'fast-check'
import type { Case } from './case.ts'
import { randomCase } from './generator.ts'
import type { Oracle } from './oracle.ts'
import { outcomeDifference, type Outcome } from './outcome.ts'
import type { Subject } from './subject.ts'
import type { Workspace } from './workspace.ts'

export interface FuzzOptions {
  readonly workspace: Workspace
  readonly oracle: Oracle
  readonly subject: Subject
  readonly runs: number
  readonly seed: number
}

export interface FuzzResult {
  /** the smallest case found, with what differs */
  readonly failure: string | undefined
  /** Dockerfiles tried, those of shrinking included */
  readonly builds: number
  /** of them, those both builders refused */
  readonly refused: number
}

export async function fuzz({ workspace, oracle, subject, runs, seed }: FuzzOptions): Promise<FuzzResult> {
  let builds = 0
  let refused = 0
  const differenceOf = async (item: Case): Promise<string[]> => {
    const prepared = await workspace.prepare(item)
    const [expected, actual] = [await oracle.build(prepared), await subject.build(prepared)]
    builds++
    if (expected.error !== undefined && actual.error !== undefined) refused++
    if (isBrokenLink(item, expected)) return []
    const found = outcomeDifference(withoutEmptyLayers(expected), withoutEmptyLayers(actual))
    return [...found, ...(found.length > 0 ? [expected.error ?? '', actual.error ?? ''] : [])]
  }
  const property = fc.asyncProperty(randomCase, async (item) => {
    const found = await differenceOf(item)
    if (found.length > 0) throw new Error(found.join('\n'))
  })
  const result = await fc.check(property, { numRuns: runs, seed })
  if (!result.failed) return { failure: undefined, builds, refused }
  const [item] = result.counterexample ?? []
  const { dockerfile = '', context, args } = item ?? {}
  const reason = result.errorInstance instanceof Error ? result.errorInstance.message : ''
  const shown = [
    dockerfile,
    JSON.stringify({ context, args }),
    reason,
    `--seed ${seed} --path ${result.counterexamplePath}`,
  ]
  return { failure: shown.join('\n'), builds, refused }
}

/** BuildKit fails at links to nothing that these flags meet (the difference `broken-link`). */
function isBrokenLink({ dockerfile }: Case, { error = '' }: Outcome): boolean {
  return (
    /--exclude=|--parents/.test(dockerfile) &&
    /failed to calculate checksum.*(?:not found|too many links)/.test(error)
  )
}

/** BuildKit makes an empty layer where an instruction changes nothing (the difference `empty-layer`). */
function withoutEmptyLayers(outcome: Outcome): Outcome {
  if (outcome.lines === undefined) return outcome
  return {
    lines: outcome.lines.map((line) =>
      line.startsWith('history ') ? `history of ${line.split(' ').length - 1}` : line,
    ),
  }
}
