import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256 } from '../../oci/index.ts'
import type { TimedEvent } from '../insight.ts'
import { spansOf } from './spans.ts'
import { traceOf } from './trace.ts'

const build = { image: 'app', platform: 'linux/amd64' }
const digest = sha256('x')
const events: TimedEvent[] = [
  { atMs: 20, event: { kind: 'plan', images: 1, builds: 2, commands: 0 } },
  { atMs: 21, event: { kind: 'build-started', build } },
  { atMs: 22, event: { kind: 'build-started', build: { ...build, variant: 'debug' } } },
  {
    atMs: 30,
    event: { kind: 'layer-hashed', digest, bytes: 100, source: '/app', thread: 1, seconds: 0.005 },
  },
  { atMs: 31, event: { kind: 'build-finished', build, digest } },
  { atMs: 32, event: { kind: 'build-finished', build: { ...build, variant: 'debug' }, digest } },
  { atMs: 33, event: { kind: 'blob-started', destination: 'layout out', digest, bytes: 100 } },
  { atMs: 36, event: { kind: 'blob', destination: 'layout out', digest, bytes: 100, state: 'written' } },
]
const requests = [
  { host: 'r.test', method: 'HEAD', path: '/v2/', status: 200, startMs: 24, endMs: 26 },
  { host: 'r.test', method: 'HEAD', path: '/v2/a', status: undefined, startMs: 25, endMs: 27 },
]

test('spans that overlap are on lanes of their own, in the order of a run', () => {
  assert.deepEqual(
    spansOf(events, requests).map(({ group, name, startMs, endMs, lane }) => [
      group,
      name,
      startMs,
      endMs,
      lane,
    ]),
    [
      ['plan', 'start and plan', 0, 20, 0],
      ['builds', 'app linux/amd64', 21, 31, 0],
      ['builds', 'app (debug) linux/amd64', 22, 32, 1],
      ['hashing', `/app ${digest.slice(7, 19)}`, 25, 30, 1],
      ['requests to r.test', 'HEAD /v2/', 24, 26, 0],
      ['requests to r.test', 'HEAD /v2/a', 25, 27, 1],
      ['layout out', `written ${digest.slice(7, 19)}`, 33, 36, 0],
    ],
  )
})

test('layers that are sent while they are hashed are on rows of their own', () => {
  const facts = { digest, bytes: 1, thread: 0, seconds: 0.01, sentTo: 'registry' } as const
  const sent = (source: string, atMs: number): TimedEvent => ({
    atMs,
    event: { kind: 'layer-hashed', source, ...facts },
  })
  assert.deepEqual(
    spansOf([sent('/a', 20), sent('/b', 25)], []).map(({ group, lane }) => [group, lane]),
    [
      ['hashing and sending', 0],
      ['hashing and sending', 1],
    ],
  )
})

test('a trace has complete events in microseconds, and names for its processes', () => {
  const { traceEvents } = traceOf(spansOf(events, requests))
  const complete = traceEvents.filter(({ ph }) => ph === 'X')
  assert.equal(complete.length, 7)
  for (const { ts, dur, pid, tid } of complete)
    assert.ok(Number.isInteger(ts) && Number.isInteger(dur) && dur! >= 0 && pid > 0 && tid > 0)
  assert.deepEqual([complete[1]!.ts, complete[1]!.dur], [21_000, 10_000])
  const named = traceEvents.filter(({ name }) => name === 'process_name').map(({ args }) => args['name'])
  assert.deepEqual(named, ['plan', 'builds', 'hashing', 'requests to r.test', 'layout out'])
})
