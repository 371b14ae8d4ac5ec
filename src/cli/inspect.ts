/** One look at an image as a process. */
import { Failure, newTally } from '../base/index.ts'
import { readImage, type ImageSource, type ReadImage } from '../build/index.ts'
import { formatPlatform, hostPlatform, parsePlatform, samePlatform } from '../oci/index.ts'
import { describeImage, findReferrers } from './image-description.ts'
import { parseImageName } from './image-name.ts'
import type { InspectFlags } from './inspect-command.ts'
import { abortOnSignals } from './interruption.ts'
import { openSource } from './open-source.ts'
import { registryPool } from './registry-pool.ts'

/** @throws Failure, or the reason of the abort */
export async function runInspect(text: string, flags: InspectFlags): Promise<void> {
  checkFlags(flags)
  const name = parseImageName(text, process.cwd())
  const platforms = flags.platform?.map((platform) => parsePlatform(platform))
  const controller = new AbortController()
  const { signal } = controller
  const interruptions = abortOnSignals(controller)
  const tally = newTally()
  const registries = registryPool({
    tally,
    emit: () => undefined,
    signal,
    insecure: flags.insecureRegistry,
  })
  let source: ImageSource | undefined
  try {
    source = await openSource(name, { registries, tally, signal })
    if (flags.raw && !platforms) {
      process.stdout.write(await source.read(source.top))
      return
    }
    const image = await readImage(source, { platforms })
    if (flags.raw) process.stdout.write(image.top.bytes)
    else if (flags.config) process.stdout.write(configOf(image))
    else await show(source, image, flags)
  } finally {
    await source?.close()
    interruptions.release()
    await registries.close()
  }
}

async function show(source: ImageSource, image: ReadImage, flags: InspectFlags): Promise<void> {
  const referrers = await findReferrers(source, image, (message) =>
    process.stderr.write(`note: ${message}\n`),
  )
  const description = describeImage(source, image, referrers)
  if (flags.json) {
    process.stdout.write(`${JSON.stringify(description, undefined, 2)}\n`)
    return
  }
  const { inspectLines } = await import('./report/inspect-report.ts')
  process.stdout.write(`${inspectLines(description, process.stdout).join('\n')}\n`)
}

/** Of the only image, else of the one for this machine. */
function configOf({ manifests }: ReadImage): Uint8Array {
  const images = manifests.filter(({ config }) => config !== undefined)
  const host = hostPlatform()
  const found =
    images.length === 1
      ? images[0]
      : images.find(({ platform }) => platform !== undefined && samePlatform(host, platform))
  if (found?.config) return found.config.bytes
  const has = images.map(({ platform }) => (platform ? formatPlatform(platform) : 'one without a platform'))
  throw new Failure(
    'USAGE',
    `the image has ${images.length} configs and none is for ${formatPlatform(host)}`,
    {
      hint: images.length === 0 ? 'it is no image that runs' : `pick one with --platform: ${has.join(', ')}`,
    },
  )
}

function checkFlags({ json, raw, config }: InspectFlags): void {
  const given = [json && '--json', raw && '--raw', config && '--config'].filter(Boolean)
  if (given.length > 1) throw new Failure('USAGE', `${given.join(' and ')} cannot be together`)
}
