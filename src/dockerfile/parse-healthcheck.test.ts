import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Failure } from '../base/index.ts'
import { parseDockerfile } from './dockerfile.ts'

function only(text: string) {
  const [check] = parseDockerfile(text, 'Dockerfile').instructions
  assert.ok(check?.keyword === 'HEALTHCHECK')
  return check
}

describe('HEALTHCHECK', () => {
  const commands: [rest: string, kind: string, exec: string[] | undefined, shell: string][] = [
    ['NONE', 'NONE', undefined, ''],
    ['none', 'NONE', undefined, ''],
    ['CMD a b', 'CMD', undefined, 'a b'],
    ['cmd   a  b', 'CMD', undefined, 'a  b'],
    ['CMD ["a", "b"]', 'CMD', ['a', 'b'], ''],
    ['CMD\t["a"]', 'CMD', ['a'], ''],
    ['CMD [ -f x ]', 'CMD', undefined, '[ -f x ]'],
  ]
  for (const [rest, kind, exec, shell] of commands) {
    it(`reads ${rest}`, () => {
      const check = only(`HEALTHCHECK ${rest}`)
      assert.deepEqual([check.kind, check.exec, check.shell], [kind, exec, shell])
    })
  }

  it('reads every flag', () => {
    const check = only(
      'HEALTHCHECK --interval=1m30s --timeout=1ms --start-period=2.5s --start-interval=0s --retries=+3 CMD a',
    )
    const { interval, timeout, startPeriod, startInterval, retries } = check
    assert.deepEqual(
      [interval, timeout, startPeriod, startInterval, retries],
      [90_000_000_000, 1_000_000, 2_500_000_000, 0, 3],
    )
  })

  it('has 0 for what is not given or empty', () => {
    const { interval, timeout, startPeriod, startInterval, retries } = only(
      'HEALTHCHECK --interval= --retries= CMD a',
    )
    assert.deepEqual([interval, timeout, startPeriod, startInterval, retries], [0, 0, 0, 0, 0])
  })

  for (const line of [
    'HEALTHCHECK',
    'HEALTHCHECK NONE a',
    'HEALTHCHECK CMD',
    'HEALTHCHECK CMD []',
    'HEALTHCHECK CMD [1]',
    'HEALTHCHECK a',
    'HEALTHCHECK --interval=5 CMD a',
    'HEALTHCHECK --interval=1us CMD a',
    'HEALTHCHECK --timeout=-1s CMD a',
    'HEALTHCHECK --interval CMD a',
    'HEALTHCHECK --retries=-1 CMD a',
    'HEALTHCHECK --retries=1.5 CMD a',
    'HEALTHCHECK --retries=2147483648 CMD a',
    'HEALTHCHECK --retry=1 CMD a',
    'HEALTHCHECK --interval=1s --interval=1s CMD a',
  ]) {
    it(`refuses ${line}`, () => assert.throws(() => only(line), Failure))
  }
})
