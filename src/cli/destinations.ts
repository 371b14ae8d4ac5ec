/** Opens the destinations of a run: one line for each kind of output. */
import { relative } from 'node:path'
import { Failure } from '../base/index.ts'
import {
  archiveDestination,
  containerdDestination,
  dockerDestination,
  folderDestination,
  fileSink,
  kindDestination,
  layoutDestination,
  podmanDestination,
  registryDestination,
  type shelfDestinations,
  streamSink,
  tarDestination,
  type ArchiveSink,
  type Destination,
  type DestinationOptions,
} from '../build/index.ts'
import { noCodec, parseCodec } from '../layer/index.ts'
import { isNearby, type Registry } from '../registry/index.ts'
import type { MemoFiles } from '../store/index.ts'
import { standardOutput, type Output, type OutputKind } from './output.ts'

export interface OpenOptions extends DestinationOptions {
  /** the client of a host, one per host and run */
  readonly registry: (host: string) => Registry
  /** the registry that this process serves; absent: it serves none */
  readonly serve?: (output: Extract<Output, { kind: 'serve' }>) => Promise<ShelfDestination>
  /** what earlier runs pushed; default: nothing is known */
  readonly pushed?: MemoFiles | undefined
}

type ShelfDestination = ReturnType<typeof shelfDestinations>

type Open<Kind extends OutputKind> = (
  output: Extract<Output, { kind: Kind }>,
  options: OpenOptions,
) => Destination | Promise<Destination>

const openers: { readonly [Kind in OutputKind]: Open<Kind> } = {
  registry: (_, options) => registryDestination(options),
  layout: ({ folder }, options) => layoutDestination(folder, options),
  archive: async ({ format, path }, options) =>
    archiveDestination(await archiveSink(path, options), format, options),
  docker: ({ context }, options) => dockerDestination({ env: process.env, context }, options),
  podman: (_, options) => podmanDestination(process.env, options),
  containerd: ({ namespace }, options) =>
    containerdDestination({
      ...options,
      namespace: namespace ?? process.env['CONTAINERD_NAMESPACE'],
      socket: process.env['CONTAINERD_ADDRESS']?.replace(/^unix:\/\//, ''),
    }),
  kind: ({ cluster }, options) => kindDestination({ ...options, cluster, env: process.env }),
  local: ({ folder }, options) => folderDestination(folder, options),
  tar: async ({ path }, options) => tarDestination(await archiveSink(path, options), options),
  serve: async (output, { serve, ...options }) => {
    if (!serve) throw new Error('this command serves nothing')
    return (await serve(output))(options)
  },
  none: () => ({ name: 'nowhere', stage: async () => [], commit: async () => {}, abandon: async () => {} }),
}

/**
 * Opened one after the other, so that the first that cannot be used ends the run before any work; those before it are
 * abandoned.
 * @throws Failure
 */
export async function openDestinations(
  outputs: readonly Output[],
  options: OpenOptions,
): Promise<Destination[]> {
  const destinations: Destination[] = []
  try {
    for (const output of outputs) {
      const destination = await (openers[output.kind] as Open<OutputKind>)(output, options)
      destinations.push({ ...destination, codecFor: codecChoice(output) })
    }
    return destinations
  } catch (error) {
    await Promise.allSettled(destinations.map((destination) => destination.abandon()))
    throw error
  }
}

/** For registries that others pull from; where bytes cost next to nothing compression would only cost time. */
const remoteCodec = parseCodec('gzip')

function codecChoice(output: Output): NonNullable<Destination['codecFor']> {
  if ('codec' in output && output.codec) return () => output.codec!
  if (output.kind !== 'registry') return () => noCodec
  return (reference) => (reference && !isNearby(reference.registry) ? remoteCodec : noCodec)
}

/** @throws Failure USAGE rather than fill a terminal with bytes */
async function archiveSink(path: string, { tally }: DestinationOptions): Promise<ArchiveSink> {
  if (path !== standardOutput) return fileSink(path, tally)
  if (process.stdout.isTTY)
    throw new Failure('USAGE', 'an archive cannot be written to a terminal', {
      hint: 'name a file with dest=FILE, or send the standard output to one',
    })
  return streamSink(process.stdout, 'the standard output', tally)
}

/** For the summary: `registry`, `layout .slipway/oci`, `docker` */
export function describeOutput(output: Output): string {
  switch (output.kind) {
    case 'layout':
      return `layout ${shownPath(output.folder)}`
    case 'archive':
      return `${output.format} archive ${shownPath(output.path)}`
    case 'local':
      return `folder ${shownPath(output.folder)}`
    case 'tar':
      return `tar ${shownPath(output.path)}`
    case 'kind':
      return output.cluster === undefined ? 'kind' : `kind cluster ${output.cluster}`
    case 'none':
      return 'nowhere'
    case 'serve':
      return output.pinned === undefined
        ? 'served from its sources'
        : `served, kept in ${shownPath(output.pinned)}`
    case 'registry':
    case 'docker':
    case 'podman':
    case 'containerd':
      return output.kind
  }
}

function shownPath(path: string): string {
  if (path === standardOutput) return 'on the standard output'
  const shown = relative(process.cwd(), path)
  return shown.startsWith('..') ? path : shown
}
