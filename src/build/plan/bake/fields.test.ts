/** The tables of docs/plans.md name every field and function that is known, and no other. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { standardFunctionNames } from '../../../hcl/index.ts'
import { buildKeys } from '../compose/service-target.ts'
import { targetFields } from './fields.ts'

const page = readFileSync(join(import.meta.dirname, '../../../../docs/plans.md'), 'utf8')

/** Rows of the table below a heading: the names in the first column, and the second. */
function rows(heading: string): Map<string, string> {
  const section = page.split(`\n### ${heading}\n`)[1]?.split(/\n##/, 1)[0] ?? ''
  const lines = section.split('\n').filter((line) => line.startsWith('| `'))
  return new Map(
    lines.flatMap((line) => {
      const [, names = '', treatment = ''] = line.split(/ *\| */)
      return names.split(/, */).map((name) => [name.replaceAll('`', ''), treatment] as const)
    }),
  )
}

/** The fields of a target and of a group in buildx v0.38.2. */
const buildxFields = [
  'annotations',
  'args',
  'attest',
  'cache-from',
  'cache-to',
  'call',
  'context',
  'contexts',
  'description',
  'dockerfile',
  'dockerfile-inline',
  'entitlements',
  'extra-hosts',
  'inherits',
  'labels',
  'matrix',
  'name',
  'network',
  'no-cache',
  'no-cache-filter',
  'output',
  'platforms',
  'policy',
  'pull',
  'resources',
  'secret',
  'shm-size',
  'ssh',
  'tags',
  'target',
  'ulimits',
]

test('the table of bake fields has all fields of buildx, with what is done with them', () => {
  const table = rows('Fields of a target')
  assert.deepEqual([...table.keys()].toSorted(), buildxFields)
  for (const [name, { treatment }] of Object.entries(targetFields))
    assert.equal(table.get(name), treatment, name)
})

test('the table of compose keys has all keys of build', () => {
  const table = rows('Keys of `build`')
  assert.deepEqual(
    [...table.keys()].filter((name) => name !== 'x-bake').toSorted(),
    Object.keys(buildKeys).toSorted(),
  )
})

test('all functions are listed, those that are refused apart', () => {
  const [, section = ''] = page.split('\n### Functions\n')
  const [listed = '', refused = ''] = section.split(/\n##/, 1)[0]!.split('Refused by name')
  const namesIn = (text: string) =>
    Array.from(text.matchAll(/`([a-z0-9_]+)`/g), ([, name = '']) => name).toSorted()
  const names = [...standardFunctionNames()]
  assert.deepEqual(
    namesIn(listed),
    names.flatMap(([name, isThere]) => (isThere ? [name] : [])),
  )
  assert.deepEqual(
    namesIn(refused),
    names.flatMap(([name, isThere]) => (isThere ? [] : [name])),
  )
})
