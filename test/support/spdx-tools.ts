/** SPDX's own validator, of Python, in an environment of its own below the cache folder, outside the tree. */
import { rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { peersFolder } from './go-programs.ts'
import { hasProgram, runProgram } from './program.ts'
import { requirePart } from './require-part.ts'
import { temporaryFolder } from './temporary-folder.ts'

const version = '0.8.5'
const folder = join(peersFolder, `spdx-tools-${version}`)

/** The program, or nothing when it has not been installed. */
export async function findSpdxTools(): Promise<string | undefined> {
  const program = join(folder, 'bin', 'pyspdxtools')
  return stat(program).then(
    () => program,
    () => undefined,
  )
}

/** Installs it from Python's package index, once. */
export async function installSpdxTools(): Promise<void> {
  try {
    if (!hasProgram('python3')) throw new Error('there is no python3')
    // An environment knows its own path, so it is made in place and counts only with its program.
    await runProgram('python3', ['-m', 'venv', '--clear', folder])
    await runProgram(join(folder, 'bin', 'pip'), ['install', '--quiet', `spdx-tools==${version}`])
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/** For the `skip` option of a test. */
export async function skipWithoutSpdxTools(): Promise<string | false> {
  return requirePart(`spdx-tools ${version}`, (await findSpdxTools()) !== undefined)
}

/** Fails with what the validator finds wrong with an SPDX 2.3 document. */
export async function validateSpdx(document: string | Uint8Array): Promise<void> {
  const program = await findSpdxTools()
  if (program === undefined) throw new Error('spdx-tools are not installed; npm run test:setup installs them')
  await using temporary = await temporaryFolder()
  const path = temporary.join('document.spdx.json')
  await writeFile(path, document)
  await runProgram(program, ['--infile', path, '--version', 'SPDX-2.3'])
}
