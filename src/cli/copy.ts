/** One copy as a process: opens the source and the destinations, and tells what arrived. */
import { newTally, totalRequests, type Tally } from '../base/index.ts'
import {
  copiedImage,
  copiedReferrers,
  readImage,
  transfer,
  type BuiltImage,
  type Destination,
  type Emit,
  type ImageSource,
  type ReadImage,
} from '../build/index.ts'
import { formatReference, parsePlatform, type Descriptor } from '../oci/index.ts'
import { copyTargets, type CopyTarget } from './copy-targets.ts'
import type { CopyFlags } from './copy-command.ts'
import { describeOutput, openDestinations } from './destinations.ts'
import { parseImageName } from './image-name.ts'
import { abortOnSignals } from './interruption.ts'
import { openSource } from './open-source.ts'
import { registryPool } from './registry-pool.ts'
import { openReporter } from './report/open-reporter.ts'
import { formatBytes, plural } from './report/units.ts'

/** @throws Failure, or the reason of the abort */
export async function runCopy(from: string, to: readonly string[], flags: CopyFlags): Promise<void> {
  const directory = process.cwd()
  const name = parseImageName(from, directory)
  const wanted = to.map((text) => parseImageName(text, directory))
  const platforms = flags.platform?.map((text) => parsePlatform(text))
  const controller = new AbortController()
  const { signal } = controller
  const interruptions = abortOnSignals(controller)
  const tally = newTally()
  const reporter = openReporter(flags.progress, process.env)
  const emit: Emit = (event) => {
    reporter.emit(event)
    if (event.kind === 'publishing')
      interruptions.publish((message) => reporter.emit({ kind: 'warning', message }))
  }
  const registries = registryPool({ tally, emit, signal, insecure: flags.insecureRegistry })
  let source: ImageSource | undefined
  try {
    source = await openSource(name, { registries, tally, signal })
    const image = await readImage(source, { platforms })
    for (const note of image.notes) emit({ kind: 'warning', message: `${source.name}: ${note}` })
    const targets = copyTargets(wanted, source)
    const destinations = await openDestinations(
      targets.map(({ output }) => output),
      { tally, emit, signal, registry: registries.open },
    )
    const referrers = flags.referrers ? await copiedReferrers(source, image) : []
    if (flags.referrers) warnOfReferrers(source, destinations, emit)
    const shipments = destinations.map((destination, index) => ({
      destination,
      image: copiedImage(source!, image, { ...targets[index]!.names, referrers }),
    }))
    const added = await transfer(shipments, { controller, emit })
    if (flags.progress !== 'quiet') {
      const lines = shipments.map((shipment, index) => line(targets[index]!, shipment.image, added[index]!))
      process.stderr.write(`${[...lines, total(tally)].join('\n')}\n`)
    }
    process.stdout.write(`${digestOf(image)}\n`)
  } finally {
    await source?.close()
    reporter.close()
    interruptions.release()
    await registries.close()
  }
}

/** Signatures and SBOMs that stay behind are named. */
function warnOfReferrers(source: ImageSource, destinations: readonly Destination[], emit: Emit): void {
  const without = (name: string) =>
    emit({ kind: 'warning', message: `${name} keeps nothing that refers to an image: it is left out there` })
  if (!source.referrers) without(source.name)
  for (const { name, takesReferrers } of destinations) if (!takesReferrers) without(name)
}

/** `localhost:5000/app:1: 3 blobs of 12 MB sent` */
function line(target: CopyTarget, image: BuiltImage, added: readonly Descriptor[]): string {
  const place = image.references.map((reference) => formatReference(reference)).join(', ')
  const name = target.output.kind === 'registry' ? place : describeOutput(target.output)
  const blobs = new Map(added.map(({ digest, size }) => [digest, size]))
  const verb = target.output.kind === 'registry' ? 'sent' : 'written'
  if (blobs.size === 0) return `${name}: no blob ${verb}`
  const bytes = [...blobs.values()].reduce((sum, size) => sum + size, 0)
  return `${name}: ${plural(blobs.size, 'blob')} of ${formatBytes(bytes)} ${verb}`
}

function total(tally: Tally): string {
  return `sent ${formatBytes(tally.bytesSent)}, written ${formatBytes(tally.bytesWritten)}, ${plural(totalRequests(tally), 'request')}`
}

function digestOf({ top }: ReadImage): string {
  return top.descriptor.digest
}
