/** The goldens of test/bake are what buildx prints today, so that they can be trusted where it is not. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { bakeCases } from '../bake/cases.ts'
import { printCase } from '../bake/oracle.ts'
import { buildx, findGoPrograms } from '../support/go-programs.ts'
import { writeProject } from '../support/project.ts'
import { requirePart } from '../support/require-part.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const program = await findGoPrograms(buildx)
const golden = join(import.meta.dirname, '../bake/golden')

test(
  'buildx prints the goldens of all cases',
  { skip: requirePart('buildx', program !== undefined) },
  async () => {
    assert.ok(bakeCases.length >= 60, `only ${bakeCases.length} cases`)
    const differences: string[] = []
    for (const one of bakeCases) {
      await using folder = await temporaryFolder()
      await writeProject(folder.path, { f: '', ...one.files })
      const expected: unknown = JSON.parse(await readFile(join(golden, `${one.name}.json`), 'utf8'))
      try {
        assert.deepEqual(printCase(one, folder.path, program!), expected)
      } catch (error) {
        differences.push(`${one.name}: ${(error as Error).message}`)
      }
    }
    assert.deepEqual(differences, [])
  },
)
