import assert from 'node:assert/strict'
import { test } from 'node:test'
import { coversScopes, formatScope } from './scope.ts'

test('a scope is written with its actions', () => {
  assert.equal(
    formatScope({ repository: 'acme/api', actions: ['pull', 'push'] }),
    'repository:acme/api:pull,push',
  )
})

for (const [held, wanted, covers] of [
  [['repository:a:pull,push'], ['repository:a:pull'], true],
  [['repository:a:push,pull'], ['repository:a:pull,push'], true],
  [['repository:a:pull'], ['repository:a:pull,push'], false],
  [['repository:a:pull'], ['repository:b:pull'], false],
  [['repository:a:pull', 'repository:b:pull'], ['repository:b:pull', 'repository:a:pull'], true],
  [[], ['repository:a:pull'], false],
  [['repository:a:pull'], [], true],
] as const) {
  test(`[${held.join(' ')}] ${covers ? 'covers' : 'does not cover'} [${wanted.join(' ')}]`, () => {
    assert.equal(coversScopes(held, wanted), covers)
  })
}
