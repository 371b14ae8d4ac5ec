import assert from 'node:assert/strict'
import { test } from 'node:test'
import { delegateChoices } from '../build/index.ts'
import { completeDelegateFlag } from './delegate-flag.ts'

test('what follows --delegate is its value only when it is a builder', () => {
  const cases: [string, string][] = [
    ['build --delegate .', 'build --delegate=auto .'],
    ['build --delegate buildah .', 'build --delegate buildah .'],
    ['build . --delegate', 'build . --delegate=auto'],
    ['bake --delegate --push', 'bake --delegate=auto --push'],
    ['build --delegate=nonsense .', 'build --delegate=nonsense .'],
    ['build -- --delegate', 'build -- --delegate'],
  ]
  for (const [given, expected] of cases)
    assert.equal(completeDelegateFlag(given.split(' ')).join(' '), expected)
})

test('every choice of a plan is one of the flag', () => {
  for (const choice of delegateChoices)
    assert.deepEqual(completeDelegateFlag(['--delegate', choice]), ['--delegate', choice])
})
