/** `node test/bake/record.ts [name]`: writes what buildx makes of the cases to `golden/`. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildx, findGoPrograms } from '../support/go-programs.ts'
import { writeProject } from '../support/project.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { bakeCases } from './cases.ts'
import { printCase } from './oracle.ts'

const program = await findGoPrograms(buildx)
if (program === undefined) throw new Error('npm run test:setup builds buildx')
const [only] = process.argv.slice(2)
for (const one of bakeCases.filter(({ name }) => only === undefined || name === only)) {
  await using folder = await temporaryFolder()
  await writeProject(folder.path, { f: '', ...one.files })
  try {
    const golden = `${JSON.stringify(printCase(one, folder.path, program), undefined, 2)}\n`
    await writeFile(join(import.meta.dirname, 'golden', `${one.name}.json`), golden)
  } catch (error) {
    process.stderr.write(`${one.name}: ${String(error)}\n`)
  }
}
