/** Bake and compose files with mistakes: each is told in one message with its place, word by word as in the golden files. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { badCases } from '../../test/bake/bad-cases.ts'
import { readArguments } from '../../test/bake/subject.ts'
import { checkGolden, goldenNames } from '../../test/support/golden.ts'
import { writeProject } from '../../test/support/project.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { openPlan, resolvePlan } from '../build/index.ts'
import { formatError } from './report/failure.ts'

for (const { name, files, args = [], env = {} } of badCases) {
  test(`bad plan: ${name}`, async () => {
    await using folder = await temporaryFolder()
    await writeProject(folder.path, files)
    const options = readArguments(args)
    let shown: string | undefined
    try {
      resolvePlan(await openPlan({ ...options, directory: folder.path, env }))
    } catch (error) {
      shown = `${formatError(error, process.stderr).join('\n')}\n`
    }
    assert.ok(shown !== undefined, 'the plan was read')
    assert.doesNotMatch(shown, /^ +at /m)
    await checkGolden(`plans/${name}.txt`, shown.replaceAll(folder.path, '/project'))
  })
}

test('of the golden files of plans none is left over', async () => {
  assert.deepEqual(await goldenNames('plans'), badCases.map(({ name }) => `${name}.txt`).toSorted())
})
