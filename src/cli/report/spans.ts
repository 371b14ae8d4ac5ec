/** A run as spans on lanes, from its events: what traces and pages draw. */
import type { BuildEvent } from '../../build/index.ts'
import { shortDigest } from '../../oci/index.ts'
import type { TimedEvent } from '../insight.ts'
import { describeBuild } from './plain.ts'

export interface Span {
  /** such as `hashing` or `requests to ghcr.io` */
  readonly group: string
  readonly name: string
  /** milliseconds since the process started */
  readonly startMs: number
  readonly endMs: number
  /** row within the group, from 0; spans of one row do not overlap */
  readonly lane: number
  readonly facts: Readonly<Record<string, string | number>>
}

/** A request and its answer, as Node.js tells of them. */
export interface TimedRequest {
  readonly host: string
  readonly method: string
  /** without the query, which may hold secrets */
  readonly path: string
  readonly status: number | undefined
  readonly startMs: number
  readonly endMs: number
}

type Loose = Omit<Span, 'lane'> & { readonly lane?: number }

/** In the order of their groups: plan, commands, builds, hashing, hashing and sending, compression, requests, destinations, names. */
export function spansOf(events: readonly TimedEvent[], requests: readonly TimedRequest[]): Span[] {
  const loose: Loose[] = []
  const open = new Map<string, number>()
  const start = (key: string, atMs: number) => void open.set(key, atMs)
  const end = (key: string, atMs: number, span: Pick<Span, 'group' | 'name' | 'facts'>): void => {
    const startMs = open.get(key)
    if (startMs === undefined) return
    open.delete(key)
    loose.push({ ...span, startMs, endMs: atMs })
  }
  for (const { atMs, event } of events)
    followEvent(event, atMs, { start, end, add: (span) => void loose.push(span) })
  for (const { host, method, path, status, startMs, endMs } of requests) {
    const facts = { ...(status !== undefined && { status }) }
    loose.push({ group: `requests to ${host}`, name: `${method} ${path}`, startMs, endMs, facts })
  }
  return onLanes(loose)
}

interface Marks {
  readonly start: (key: string, atMs: number) => void
  readonly end: (key: string, atMs: number, span: Pick<Span, 'group' | 'name' | 'facts'>) => void
  readonly add: (span: Loose) => void
}

function followEvent(event: BuildEvent, atMs: number, { start, end, add }: Marks): void {
  switch (event.kind) {
    case 'plan':
      add({
        group: 'plan',
        name: 'start and plan',
        startMs: 0,
        endMs: atMs,
        facts: { images: event.images, builds: event.builds },
      })
      break
    case 'command-started':
      start(`command ${event.id}`, atMs)
      break
    case 'command-finished':
      end(`command ${event.id}`, atMs, { group: 'commands', name: event.id, facts: {} })
      break
    case 'build-started':
      start(`build ${describeBuild(event.build)}`, atMs)
      break
    case 'build-finished':
      end(`build ${describeBuild(event.build)}`, atMs, {
        group: 'builds',
        name: describeBuild(event.build),
        facts: { digest: event.digest },
      })
      break
    case 'layer-hashed':
      add({
        // Of those that are sent as well many are under way at the same time, all on one thread.
        ...(event.sentTo === undefined ? { group: 'hashing', lane: event.thread } : { group: sending }),
        name: `${event.source ?? 'layer'} ${shortDigest(event.digest)}`,
        startMs: atMs - event.seconds * 1000,
        endMs: atMs,
        facts: { bytes: event.bytes, digest: event.digest, thread: event.thread },
      })
      break
    case 'compress-started':
      start(`compress ${event.compression} ${event.diffId}`, atMs)
      break
    case 'compressed':
      end(`compress ${event.compression} ${event.diffId}`, atMs, {
        group: 'compression',
        name: `${event.compression} ${shortDigest(event.diffId)}`,
        facts: { bytes: event.bytes, size: event.size },
      })
      break
    case 'blob-started':
      start(`blob ${event.destination} ${event.digest}`, atMs)
      break
    case 'blob':
      end(`blob ${event.destination} ${event.digest}`, atMs, {
        group: event.destination,
        name: `${event.state} ${shortDigest(event.digest)}`,
        facts: { bytes: event.bytes, digest: event.digest },
      })
      break
    case 'publishing':
      start('names', atMs)
      break
    case 'finished':
      end('names', atMs, { group: 'names', name: 'names move', facts: {} })
      break
    default:
      break
  }
}

const sending = 'hashing and sending'

const order = ['plan', 'commands', 'builds', 'hashing', sending, 'compression']

/** Gives each span the first row of its group that is free. */
function onLanes(loose: readonly Loose[]): Span[] {
  const groups = Map.groupBy(loose, ({ group }) => group)
  const rank = (group: string): number => {
    const known = order.indexOf(group)
    if (known >= 0) return known
    return group === 'names' ? order.length + 2 : order.length + (group.startsWith('requests') ? 0 : 1)
  }
  return [...groups]
    .toSorted(([a], [b]) => rank(a) - rank(b))
    .flatMap(([, spans]) => {
      const freeAt: number[] = []
      return spans
        .toSorted((a, b) => a.startMs - b.startMs)
        .map((span): Span => {
          const free = freeAt.findIndex((atMs) => atMs <= span.startMs)
          const lane = span.lane ?? (free < 0 ? freeAt.length : free)
          freeAt[lane] = span.endMs
          return { ...span, lane }
        })
    })
}
