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

interface Progress {
  builds: number
  finishedBuilds: number
  hashed: number
  moved: number
  readonly running: Map<string, string>
}

export function ttyReporter(stream: NodeJS.WriteStream): Reporter {
  const started = performance.now()
  const progress: Progress = { builds: 0, finishedBuilds: 0, hashed: 0, moved: 0, running: new Map() }
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
      if (event.kind === 'warning' || event.kind === 'registry-retry') {
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

function follow(progress: Progress, event: BuildEvent): void {
  switch (event.kind) {
    case 'plan':
      progress.builds = event.builds
      break
    case 'command-started':
      progress.running.set(event.id, `running ${event.label}`)
      break
    case 'command-output':
      progress.running.set(event.id, event.text.trimEnd().split('\n').at(-1) ?? '')
      break
    case 'command-finished':
      progress.running.delete(event.id)
      break
    case 'build-started':
      progress.running.set(describeBuild(event.build), 'hashing')
      break
    case 'layer':
      if (event.state === 'hashed') progress.hashed += event.bytes
      break
    case 'build-finished':
      progress.finishedBuilds++
      progress.running.delete(describeBuild(event.build))
      break
    case 'blob':
      if (event.state !== 'exists') progress.moved += event.bytes
      break
    default:
      break
  }
}

function liveLines(progress: Progress, seconds: number): string[] {
  const { finishedBuilds, builds, hashed, moved, running } = progress
  const status = `${finishedBuilds}/${builds} builds  hashed ${formatBytes(hashed)}  moved ${formatBytes(moved)}  ${formatSeconds(seconds)}`
  const lines = [...running].slice(-mostLines).map(([what, state]) => `  ${what}: ${printable(state)}`)
  const hidden = running.size - lines.length
  return [status, ...lines, ...(hidden > 0 ? [`  and ${hidden} more`] : [])]
}

/** A longer line would wrap and spoil the count of lines to erase. */
function cut(line: string, width: number): string {
  return line.length < width ? line : `${line.slice(0, width - 2)}…`
}
