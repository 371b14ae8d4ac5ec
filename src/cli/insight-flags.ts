/** `--explain`, `--trace FILE` and `--report FILE`: what a run tells of itself. */
import type { Command } from 'commander'

export interface InsightFlags {
  readonly explain?: boolean
  readonly trace?: string
  readonly report?: string
}

export function addInsightFlags(command: Command): Command {
  return command
    .option('--explain', 'say of every layer that is new why it is: file, field, argument, line')
    .option('--trace <file>', 'write the timeline of the run as a Chrome trace')
    .option('--report <file>', 'write the run as one page of HTML')
}
