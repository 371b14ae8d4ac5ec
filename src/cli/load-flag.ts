/** `--load[=docker|podman|containerd[:namespace]|kind[:cluster]]`: local stores that take images. */
import { Option, type Command } from 'commander'
import { Failure, nearest } from '../base/index.ts'
import type { Output } from './output.ts'

const stores = ['docker', 'podman', 'containerd', 'kind'] as const

export function addLoadFlag(command: Command): Command {
  return command.addOption(
    new Option(
      '--load [store]',
      'load into a local store: docker (default), podman, containerd[:namespace] or kind[:cluster]',
    )
      .preset('docker')
      .argParser<string[]>((store, before) => [...(before ?? []), store]),
  )
}

/**
 * The arguments with `--load` as `--load=docker`: it is a switch in Docker, so that what follows it, such as the
 * context folder, is never its value.
 */
export function completeLoadFlag(argv: readonly string[]): string[] {
  const end = argv.indexOf('--')
  return argv.map((word, index) => (word === '--load' && (end < 0 || index < end) ? '--load=docker' : word))
}

/** @throws Failure USAGE */
export function parseLoad(text: string): Output {
  const colon = text.indexOf(':')
  const store = stores.find((name) => name === (colon < 0 ? text : text.slice(0, colon)))
  const rest = colon < 0 ? undefined : text.slice(colon + 1)
  if (store === 'kind' && rest !== '') return { kind: 'kind', cluster: rest }
  if (store === 'containerd' && rest !== '') return { kind: 'containerd', namespace: rest }
  if ((store === 'docker' || store === 'podman') && rest === undefined) return { kind: store }
  const suggestion = store === undefined ? nearest(text, stores) : undefined
  throw new Failure('USAGE', `--load=${text} is not a local store`, {
    hint: suggestion
      ? `did you mean ${suggestion}?`
      : 'it is docker, podman, containerd[:namespace] or kind[:cluster]',
  })
}
