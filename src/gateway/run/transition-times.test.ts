import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withTransitionTimes } from './transition-times.ts'

const condition = (type: string, status: string, generation = 1) => ({
  type,
  status,
  reason: type,
  message: '',
  observedGeneration: generation,
})
const times = (status: Readonly<Record<string, unknown>>) =>
  [...JSON.stringify(status).matchAll(/"lastTransitionTime":"([^"]*)"/g)].map(([, time]) => time)

test('a condition keeps its time until its status changes, wherever it moves in its list', () => {
  const first = withTransitionTimes(
    { conditions: [condition('Accepted', 'True'), condition('Programmed', 'False')] },
    undefined,
    '1',
  )
  assert.deepEqual(times(first), ['1', '1'])
  const second = withTransitionTimes(
    { conditions: [condition('Programmed', 'True', 2), condition('Accepted', 'True', 2)] },
    first,
    '2',
  )
  assert.deepEqual(times(second), ['2', '1'])
})

test('conditions of listeners and parents are told apart', () => {
  const status = (one: string, two: string) => ({
    listeners: [
      { name: 'a', conditions: [condition('Programmed', one)] },
      { name: 'b', conditions: [condition('Programmed', two)] },
    ],
    parents: [
      { parentRef: { name: 'x' }, conditions: [condition('Accepted', two)] },
      { parentRef: { name: 'y' }, conditions: [condition('Accepted', one)] },
    ],
  })
  const first = withTransitionTimes(status('True', 'True'), undefined, '1')
  assert.deepEqual(times(withTransitionTimes(status('True', 'False'), first, '2')), ['1', '2', '2', '1'])
})
