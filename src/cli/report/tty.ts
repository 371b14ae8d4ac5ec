/**
 * Live lines on a terminal: one status line and what is running, redrawn at most ten times a second with plain escape
 * codes; warnings and failures of commands scroll by above them.
 */
import { styleText } from 'node:util'
import type { BuildEvent } from '../../build/index.ts'
import { printable } from './failure.ts'
import { describeBuild, describeEvent } from './plain.ts'
import type { Reporter } from './reporter.ts'
import { formatBytes, formatSeconds } from './units.ts'

const redrawMs = 100
const mostLines = 8
const staysOnScreen = new Set<BuildEvent['kind']>([
  'warning',
  'registry-retry',
  'registry-slowed',
  'mirror-failed',
])

interface Progress {
  /** builds of the plan, and bases that turned out to be needed */
  builds: number
  readonly started: Set<string>
  finished: number
  /** digests of layers read in this run */
  readonly hashed: Set<string>
  hashedBytes: number
  movedBytes: number
  /** what goes on now, and how far it is */
  readonly running: Map<string, string>
}

export function ttyReporter(stream: NodeJS.WriteStream): Reporter {
  const started = performance.now()
  const progress = newProgress()
  let drawn = 0
  let timer: NodeJS.Timeout | undefined

  const erase = (): void => {
    if (drawn > 0) stream.write(`\u001b[${drawn}A\u001b[0J`)
    drawn = 0
  }
  const draw = (): void => {
    timer = undefined
    const width = Math.max(20, stream.columns || 80)
    const [status = '', ...rest] = liveLines(progress, (performance.now() - started) / 1000).map((line) =>
      cut(line, width),
    )
    const lines = [styleText('bold', status, { stream }), ...rest]
    erase()
    stream.write(lines.map((line) => `${line}\n`).join(''))
    drawn = lines.length
  }
  return {
    emit(event) {
      follow(progress, event)
      if (staysOnScreen.has(event.kind)) {
        erase()
        for (const line of describeEvent(event, stream)) stream.write(`${line}\n`)
      }
      timer ??= setTimeout(draw, redrawMs)
    },
    close() {
      clearTimeout(timer)
      erase()
    },
  }
}

function newProgress(): Progress {
  return {
    builds: 0,
    started: new Set(),
    finished: 0,
    hashed: new Set(),
    hashedBytes: 0,
    movedBytes: 0,
    running: new Map(),
  }
}

function follow(progress: Progress, event: BuildEvent): void {
  const { running, started, hashed } = progress
  switch (event.kind) {
    case 'plan':
      progress.builds = event.builds
      break
    case 'command-started':
      running.set(event.id, `running ${event.label}`)
      break
    case 'command-output':
      running.set(event.id, event.text.trimEnd().split('\n').at(-1) ?? '')
      break
    case 'command-finished':
      running.delete(event.id)
      break
    case 'build-started':
      started.add(describeBuild(event.build))
      running.set(describeBuild(event.build), 'hashing')
      break
    case 'layer-sending':
      running.set(describeUnnamed(event.source, event.size), `${formatBytes(event.sent)} sent`)
      break
    case 'layer-hashed':
      running.delete(describeUnnamed(event.source, event.bytes))
      break
    case 'layer':
      if (event.state === 'hashed' && !hashed.has(event.digest)) progress.hashedBytes += event.bytes
      hashed.add(event.digest)
      break
    case 'build-finished':
      progress.finished++
      running.delete(describeBuild(event.build))
      break
    case 'compress-started':
      running.set(
        describeTransfer(event.compression, event.diffId),
        `compressing ${formatBytes(event.bytes)}`,
      )
      break
    case 'compressed':
      running.delete(describeTransfer(event.compression, event.diffId))
      break
    case 'blob-started':
      running.set(describeTransfer(event.destination, event.digest), `writing ${formatBytes(event.bytes)}`)
      break
    case 'upload-progress': {
      const key = describeTransfer(`${event.registry}/${event.repository}`, event.digest)
      running.set(key, `${formatBytes(event.sent)} of ${formatBytes(event.size)}`)
      break
    }
    case 'blob':
      if (event.state === 'uploaded' || event.state === 'written') progress.movedBytes += event.bytes
      running.delete(describeTransfer(event.destination, event.digest))
      break
    default:
      break
  }
}

/** A layer while it has no digest. */
function describeUnnamed(source: string | undefined, bytes: number): string {
  return `${source ?? 'layer'} ${formatBytes(bytes)}`
}

function describeTransfer(destination: string, digest: string): string {
  return `${destination} ${digest.slice(0, 'sha256:'.length + 12)}`
}

function liveLines(progress: Progress, seconds: number): string[] {
  const { finished, started, builds, hashedBytes, movedBytes, running } = progress
  const counts = `${finished}/${Math.max(builds, started.size)} builds`
  const status = `${counts}  hashed ${formatBytes(hashedBytes)}  moved ${formatBytes(movedBytes)}  ${formatSeconds(seconds)}`
  const lines = [...running].slice(0, mostLines).map(([what, state]) => `  ${what}: ${printable(state)}`)
  const hidden = running.size - lines.length
  return [status, ...lines, ...(hidden > 0 ? [`  and ${hidden} more`] : [])]
}

/** A longer line would wrap and spoil the count of lines to erase. */
function cut(line: string, width: number): string {
  return line.length < width ? line : `${line.slice(0, width - 2)}…`
}
