/** Files of the operator as the command line names them. */
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { Failure, fileFailure, systemCode } from '../base/index.ts'
import { facades, loadInstallations, type Installation } from '../operator/index.ts'

/** All installations of a file, `-` for the standard input. @throws Failure INSTALLATION_INVALID, FILE_SYSTEM */
export async function readInstallations(file: string): Promise<Installation[]> {
  const source = file === '-' ? text(process.stdin) : readFile(file, 'utf8')
  const content = await source.catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw fileFailure('read', file, error)
    throw new Failure('INSTALLATION_INVALID', `there is no file ${file}`, { cause: error })
  })
  return loadInstallations(content, file === '-' ? 'standard input' : file, facades)
}
