import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sharing } from './share.ts'

/** Work that ends when told to, or with its signal. */
function slowWork() {
  const started: AbortSignal[] = []
  const done = Promise.withResolvers<string>()
  const work = async (signal: AbortSignal) => {
    started.push(signal)
    const stopped = new Promise<never>((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
    )
    return Promise.race([done.promise, stopped])
  }
  return { started, work, finish: done.resolve }
}

test('two who ask at once share one run, a third afterwards gets another', async () => {
  const share = sharing<string>()
  const { started, work, finish } = slowWork()
  const both = [share('a', work), share('a', work)]
  assert.equal(started.length, 1)
  finish('done')
  assert.deepEqual(await Promise.all(both), ['done', 'done'])
  await share('a', work)
  assert.equal(started.length, 2)
})

test('other keys run by themselves', async () => {
  const share = sharing<string>()
  const { started, work, finish } = slowWork()
  const both = [share('a', work), share('b', work)]
  finish('x')
  await Promise.all(both)
  assert.equal(started.length, 2)
})

test('an abort ends the wait of its caller only', async () => {
  const share = sharing<string>()
  const { started, work, finish } = slowWork()
  const stop = new AbortController()
  const first = share('a', work, { signal: stop.signal })
  const second = share('a', work, { signal: new AbortController().signal })
  stop.abort(new Error('enough'))
  await assert.rejects(first, { message: 'enough' })
  assert.equal(started[0]?.aborted, false)
  finish('done')
  assert.equal(await second, 'done')
})

test('the abort of the last one ends the work, and the next one starts anew', async () => {
  const share = sharing<string>()
  const { started, work, finish } = slowWork()
  const stops = [new AbortController(), new AbortController()]
  const waits = stops.map(({ signal }) => share('a', work, { signal }))
  for (const stop of stops) stop.abort(new Error('enough'))
  for (const wait of waits) await assert.rejects(wait, { message: 'enough' })
  assert.equal(started[0]?.aborted, true)
  const again = share('a', work)
  finish('done')
  assert.equal(await again, 'done')
  assert.equal(started.length, 2)
})

test('a failure reaches everybody and is forgotten', async () => {
  const share = sharing<string>()
  const fail = () => Promise.reject(new Error('no'))
  const both = [share('a', fail), share('a', fail)]
  for (const one of both) await assert.rejects(one, { message: 'no' })
  assert.equal(await share('a', async () => 'yes'), 'yes')
})
