/** `--check` and how it prints. */
import type { Command } from 'commander'

export interface CheckOptions {
  readonly check?: boolean
  readonly format: string
}

export function addCheckFlags(command: Command): Command {
  return command
    .option('--check', 'check the Dockerfiles and build nothing; exit status 1 when something is found')
    .option('--format <format>', 'how --check prints: text, json or sarif', 'text')
}
