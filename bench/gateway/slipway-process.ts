/**
 * The data plane of the benchmark: `slipway-process.ts PORT BACKEND ROUTES`. On standard input it takes one word a line and
 * answers each with a line of JSON: `memory` (bytes of heap after collection), `changes N` (milliseconds of each change to
 * its effect), `every MS` (changes a route so often from now on; 0: no more).
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import type { Snapshot } from '../../src/gateway/model/index.ts'
import { createDataPlane } from '../../src/gateway/proxy/create-data-plane.ts'
import { clusterOf, forwardTo, routeOf, snapshotOf } from '../../test/support/gateway/snapshots.ts'
import { lastPath, prefixes } from './proxies.ts'

const [port = 0, backend = 0, routes = 0] = process.argv.slice(2).map(Number)
const plane = createDataPlane()
let version = 0
let timer: NodeJS.Timeout | undefined

function snapshot(): Snapshot {
  version++
  return snapshotOf({
    port,
    clusters: [clusterOf('backend', [backend])],
    routes: [
      routeOf(
        { kind: 'response', status: 200, body: { text: String(version) } },
        { match: { path: { kind: 'exact', value: '/version' } } },
      ),
      ...prefixes(routes).map((prefix, i) =>
        routeOf(forwardTo('backend'), {
          name: `route ${i}`,
          match: { path: { kind: 'path-prefix', value: prefix } },
          ...(i === routes - 1 && {
            responseHeaders: { set: [{ name: 'x-version', value: String(version) }] },
          }),
        }),
      ),
    ],
  })
}

async function changes(count: number): Promise<number[]> {
  const client = connect(port, '127.0.0.1').setNoDelay()
  await once(client, 'connect')
  const took: number[] = []
  for (let i = 0; i < count; i++) {
    const next = snapshot()
    const started = performance.now()
    await plane.apply(next)
    client.write('GET /version HTTP/1.1\r\nHost: a\r\n\r\n')
    const [answer] = (await once(client, 'data')) as [Buffer]
    if (!answer.toString().endsWith(`\r\n\r\n${version}`)) throw new Error('the change has no effect')
    took.push(performance.now() - started)
  }
  client.destroy()
  return took
}

async function answer(line: string): Promise<unknown> {
  const [word, number = '0'] = line.split(' ')
  if (word === 'memory') {
    globalThis.gc?.()
    return process.memoryUsage().heapUsed
  }
  if (word === 'changes') return changes(Number(number))
  clearInterval(timer)
  if (number !== '0') timer = setInterval(() => void plane.apply(snapshot()), Number(number))
  return lastPath(routes)
}

for (const { problem } of await plane.apply(snapshot())) if (problem !== undefined) throw new Error(problem)
createInterface({ input: process.stdin }).on('line', (line) => {
  void answer(line).then((value) => process.stdout.write(`${JSON.stringify(value)}\n`))
})
