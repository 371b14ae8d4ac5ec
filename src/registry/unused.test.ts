import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openFaultClient } from '../../test/support/fault-client.ts'

const cases: readonly (readonly [status: number, body: string, isUnused: boolean])[] = [
  [200, '{"name":"a","tags":["v1"]}', false],
  [200, '{"name":"a","tags":[]}', true],
  [200, '{"name":"a","tags":null}', true],
  [200, '{"name":"a"}', false],
  [200, '<html>', false],
  [200, `{"name":"a","tags":["${'x'.repeat(5000)}"]}`, false],
  [404, '{"errors":[{"code":"NAME_UNKNOWN"}]}', true],
  [401, '', false],
  [403, '', false],
  [500, '', false],
]

for (const [status, body, isUnused] of cases) {
  test(`${status} ${body.slice(0, 40)}: ${isUnused ? 'nothing is there' : 'something may be there'}`, async (t) => {
    const { server, registry } = await openFaultClient(t, {
      faults: [{ on: 'GET tags', act: { kind: 'answer', status, body } }],
    })
    assert.equal(await registry.isUnused('a'), isUnused)
    assert.deepEqual(server.purposes(), ['GET tags'])
  })
}

test('a connection that breaks says nothing about it', async (t) => {
  const { registry } = await openFaultClient(t, { faults: [{ on: 'GET tags', act: { kind: 'drop' } }] })
  assert.equal(await registry.isUnused('a'), false)
})
