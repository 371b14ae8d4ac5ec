/** A line for each round of a process that watches. */
import { relative } from 'node:path'
import { styleText } from 'node:util'
import type { BuildEvent } from '../../build/index.ts'
import { printable } from './failure.ts'
import { formatBytes, formatSeconds, plural } from './units.ts'

type Finished = BuildEvent & { readonly kind: 'round-finished' }

/** `14:03:22  web.txt -> web, api: 2 new layers, 604 kB, 0.03 s (58 ms after the last write)` */
export function roundLine(event: Finished, at: Date, stream: NodeJS.WriteStream): string {
  const { changed, moved, newLayers, bytes, seconds, sinceWriteMs } = event
  const facts = [
    ...(moved.length === 0 ? ['nothing new'] : [plural(newLayers, 'new layer')]),
    ...(bytes > 0 ? [formatBytes(bytes)] : []),
    formatSeconds(seconds),
  ]
  const images = moved.length === 0 ? '' : `${styleText('bold', moved.join(', '), { stream })}: `
  const since =
    sinceWriteMs === undefined
      ? ''
      : ` ${styleText('dim', `(${Math.round(sinceWriteMs)} ms after the last write)`, { stream })}`
  return `${clock(at)}  ${shownPaths(changed)} -> ${images}${facts.join(', ')}${since}`
}

/** `14:03:22  Dockerfile -> failed, all names stay as they were` */
export function failedLine(changed: readonly string[], at: Date): string {
  const what = changed.length === 0 ? 'the first round' : shownPaths(changed)
  return `${clock(at)}  ${what} -> failed, all names stay as they were; waiting for the next change`
}

/** At most three, relative to the working directory where they are below it. */
export function shownPaths(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).map((path) => {
    const name = relative(process.cwd(), path)
    return printable(name === '' || name.startsWith('..') ? path : name)
  })
  const more = paths.length - shown.length
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ')
}

function clock(at: Date): string {
  return at.toTimeString().slice(0, 8)
}
