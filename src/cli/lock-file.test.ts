import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { loadLock, lockPath } from './lock-file.ts'

describe('the lock file of a plan', () => {
  for (const [plan, lock] of [
    ['slipway.yaml', 'slipway.lock.yaml'],
    ['tools/docker.yaml', 'tools/docker.lock.yaml'],
    ['docker-bake.hcl, docker-bake.override.hcl', 'docker-bake.lock.yaml'],
    ['../a.b/plan', '../a.b/plan.lock.yaml'],
  ] as const) {
    test(`${plan} is ${lock}`, () => assert.equal(lockPath(plan), lock))
  }
  test('from the standard input is none', async () => {
    assert.equal(await loadLock('/', '-'), undefined)
    assert.throws(() => lockPath('-'), { code: 'USAGE' })
  })
})
