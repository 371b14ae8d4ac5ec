/** One line per fact, for logs and pipes. */
import { styleText } from 'node:util'
import { codeFrame, formatPlace } from '../../base/index.ts'
import type { BuildEvent, BuildId } from '../../build/index.ts'
import { printable } from './failure.ts'
import type { Reporter } from './reporter.ts'
import { formatBytes, formatSeconds, plural } from './units.ts'

/** bytes */
const smallestShown = 1_000_000

export interface PlainOptions {
  /** kinds of events that are shown; default all that have a line */
  readonly only?: ReadonlySet<BuildEvent['kind']>
}

export function plainReporter(stream: NodeJS.WriteStream, { only }: PlainOptions = {}): Reporter {
  return {
    emit(event) {
      if (only && !only.has(event.kind)) return
      for (const line of describeEvent(event, stream)) stream.write(`${line}\n`)
    },
    close: () => undefined,
  }
}

/** The lines of an event that stay on the screen; none for the small steps in between. */
export function describeEvent(event: BuildEvent, stream: NodeJS.WriteStream): string[] {
  switch (event.kind) {
    case 'plan':
      return [`${plural(event.builds, 'build')} of ${plural(event.images, 'image')}`]
    case 'warning':
      return describeWarning(event, stream)
    case 'command-started':
      return [`${event.id}: running ${printable(event.label)}`]
    case 'command-output':
      return event.text
        .trimEnd()
        .split('\n')
        .map((line) => `${event.id}: ${printable(line)}`)
    case 'command-finished':
      return [`${event.id}: done in ${formatSeconds(event.seconds)}`]
    case 'build-finished':
      return [`${describeBuild(event.build)}: ${event.digest}`]
    case 'staged':
      return describeStaged(event)
    case 'blob':
      return describeBlob(event)
    case 'registry-retry':
      return [describeRetry(event)]
    case 'registry-slowed':
      return [
        `${printable(event.registry)} asks us to slow down: waiting ${formatSeconds(event.delayMs / 1000)}, then ${plural(event.uploads, 'upload')} at a time`,
      ]
    case 'mirror-failed':
      return [
        `mirror ${event.mirror} of ${event.registry}/${event.repository}: ${printable(event.reason)}; asking the next`,
      ]
    case 'published':
      return event.references.length === 0
        ? []
        : [`${event.destination}: ${plural(event.references.length, 'name')} published`]
    default:
      return []
  }
}

/** The whole wait is told once there was more than one. */
function describeRetry(event: BuildEvent & { kind: 'registry-retry' }): string {
  const total =
    event.waitedMs > event.delayMs
      ? ` (attempt ${event.attempt + 1}, ${formatSeconds(event.waitedMs / 1000)} in all)`
      : ''
  const delay = event.delayMs === 0 ? 'at once' : `in ${formatSeconds(event.delayMs / 1000)}`
  return `${printable(event.what)}: ${printable(event.reason)}, trying again ${delay}${total}`
}

/** Compressed, an image has another digest than the one that was told when it was built. */
function describeStaged({
  build,
  destination,
  compression,
  digest,
}: BuildEvent & { kind: 'staged' }): string[] {
  return compression === 'none'
    ? []
    : [`${describeBuild(build)}: ${digest} in ${destination}, ${compression}`]
}

/** A line for what takes its time; manifests, configs and small layers would drown it. */
function describeBlob({ destination, state, digest, bytes }: BuildEvent & { kind: 'blob' }): string[] {
  const isMoved = state === 'uploaded' || state === 'written'
  if (!isMoved || bytes < smallestShown) return []
  return [`${destination}: ${state} ${digest.slice(0, 'sha256:'.length + 12)} ${formatBytes(bytes)}`]
}

function describeWarning(event: BuildEvent & { kind: 'warning' }, stream: NodeJS.WriteStream): string[] {
  const lines = [`${styleText('yellow', 'warning:', { stream })} ${printable(event.message)}`]
  if (event.at)
    lines.push(`  ${formatPlace(event.at)}`, ...codeFrame(event.at).map((line) => printable(line)))
  if (event.hint) lines.push(`  hint: ${printable(event.hint)}`)
  return lines
}

/** `proxy (debug) linux/amd64` */
export function describeBuild({ image, variant, platform }: BuildId): string {
  return [image, variant === undefined ? '' : `(${variant})`, platform ?? '']
    .filter((part) => part !== '')
    .join(' ')
}
