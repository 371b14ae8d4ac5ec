/** Every case of test/bake, against what buildx made of it (recorded; an integration test records it anew). */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { bakeCases } from '../../../../test/bake/cases.ts'
import { defineCase } from '../../../../test/bake/subject.ts'
import { writeProject } from '../../../../test/support/project.ts'
import { temporaryFolder } from '../../../../test/support/temporary-folder.ts'

const golden = join(import.meta.dirname, '../../../../test/bake/golden')

for (const one of bakeCases) {
  test(`as buildx: ${one.name}`, async () => {
    await using folder = await temporaryFolder()
    await writeProject(folder.path, { f: '', ...one.files })
    const expected: unknown = JSON.parse(readFileSync(join(golden, `${one.name}.json`), 'utf8'))
    assert.deepEqual(defineCase(one, folder.path), expected)
  })
}
