/** Flags that several commands share, and how their values are read. */
import { Failure } from '../base/index.ts'
import type { Command } from 'commander'
import { addLoadFlag } from './load-flag.ts'

export interface OutputOptions {
  readonly push?: boolean
  readonly load?: string[]
  readonly save?: string[]
  readonly output?: string[]
  readonly compression?: string
  readonly progress: string
  readonly cache: boolean
  readonly metadataFile?: string
  readonly insecureRegistry?: string[]
}

export function addOutputFlags(command: Command): Command {
  addLoadFlag(command.option('--push', 'push to the registries the tags name'))
  command
    .option('--save <dir>', 'write an OCI layout', collect)
    .option(
      '-o, --output <output>',
      'type=oci|docker|registry|local|tar|cacheonly[,dest=PATH][,tar=true]; may be given several times',
      collect,
    )
    .option('--compression <codec>', 'none, gzip[:1-9] or zstd[:1-22]; default by destination')
    .option('--no-cache', 'hash every file and build every delegated stage again')
    .option('--metadata-file <file>', 'write digests and names as JSON')
  return addProgressFlag(addInsecureFlag(command))
}

export function addInsecureFlag(command: Command): Command {
  return command.option(
    '--insecure-registry <host>',
    'registry without TLS or with any certificate; may be given several times',
    collectList,
  )
}

export function addProgressFlag(command: Command): Command {
  return command.option('--progress <mode>', 'auto, tty, plain, json or quiet', 'auto')
}

/** For flags that may be given several times. */
export function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value]
}

/** For flags that take a list: `a,b` or several times. */
export function collectList(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), ...value.split(',').filter((part) => part !== '')]
}

/**
 * `NAME=value` flags as a record; `NAME` alone takes its value from the environment, and is left out if that has none.
 * @throws Failure USAGE
 */
export function parsePairs(
  flag: string,
  texts: readonly string[] | undefined,
  env: NodeJS.ProcessEnv = {},
): Record<string, string> {
  const pairs: Record<string, string> = {}
  for (const text of texts ?? []) {
    const equals = text.indexOf('=')
    const name = equals < 0 ? text : text.slice(0, equals)
    const value = equals < 0 ? env[name] : text.slice(equals + 1)
    if (name === '')
      throw new Failure('USAGE', `${flag} "${text}" has no name`, { hint: `write ${flag} NAME=value` })
    if (value !== undefined) pairs[name] = value
  }
  return pairs
}
