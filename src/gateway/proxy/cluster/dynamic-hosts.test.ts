import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Endpoint } from '../../model/index.ts'
import { DynamicHosts, fitsWildcard } from './dynamic-hosts.ts'

/** Names that are found when they are in the list. */
function watchOf(found: readonly string[]) {
  let watched: Endpoint[] = []
  const asked: string[] = []
  return {
    asked,
    watched: () => watched.map(({ address, port }) => `${address}:${port}`),
    names: {
      watch: (endpoints: readonly Endpoint[]) => void (watched = [...endpoints]),
      add: async (endpoint: Endpoint) => {
        asked.push(endpoint.address)
        watched.push(endpoint)
      },
    },
    isFound: (host: string) => found.includes(host),
  }
}

describe('hosts of a wildcard', () => {
  test('each is looked up once, at the port of the wildcard', async () => {
    const watch = watchOf(['a.x.com', 'b.x.com'])
    const hosts = new DynamicHosts({ ...watch, wildcard: { address: '*.x.com', port: 81 }, port: 80 })
    await Promise.all(['a.x.com', 'b.x.com', 'a.x.com'].map((host) => hosts.resolve(host)))
    assert.deepEqual(watch.asked, ['a.x.com', 'b.x.com'])
    assert.deepEqual(watch.watched(), ['a.x.com:81', 'b.x.com:81'])
  })

  test('one that does not fit is never looked up', async () => {
    const watch = watchOf(['metadata.internal', 'x.com'])
    const hosts = new DynamicHosts({ ...watch, wildcard: { address: '*.x.com', port: 81 }, port: 80 })
    for (const host of ['metadata.internal', 'x.com', 'evilx.com', '.x.com', '']) await hosts.resolve(host)
    assert.deepEqual(watch.asked, [])
  })

  test('one that is not found is forgotten', async () => {
    const watch = watchOf([])
    const hosts = new DynamicHosts({ ...watch, wildcard: undefined, port: 80 })
    await hosts.resolve('a.com')
    assert.deepEqual(watch.watched(), [])
    await hosts.resolve('a.com')
    assert.deepEqual(watch.asked, ['a.com', 'a.com'])
  })

  test('of too many the one that was asked for longest ago goes', async () => {
    const watch = watchOf(['a', 'b', 'c'])
    const hosts = new DynamicHosts({ ...watch, wildcard: undefined, port: 80, mostHosts: 2 })
    for (const host of ['a', 'b', 'a', 'c']) await hosts.resolve(host)
    assert.deepEqual(watch.watched(), ['a:80', 'c:80'])
  })

  test('which hosts fit', () => {
    assert.equal(fitsWildcard('*.x.com', 'a.b.x.com'), true)
    assert.equal(fitsWildcard('*', 'a.com'), true)
    assert.equal(fitsWildcard('a.com', 'a.com'), true)
    assert.equal(fitsWildcard('a.com', 'b.com'), false)
  })
})
