/** One file of logins read and changed. */
import { mkdir, readFile, realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Failure, fileFailure, systemCode, withLockFile, writeFileAtomically } from '../base/index.ts'
import { parseAuthFile, type AuthEntries } from './auth-entries.ts'
import type { AuthFile } from './auth-files.ts'

const noEntries = parseAuthFile('{}', '')

/** Empty when there is none, unless the user has named it. @throws Failure REGISTRY_UNAUTHORIZED, FILE_SYSTEM */
export async function readAuthFile({ path, isNamed }: AuthFile): Promise<AuthEntries> {
  try {
    const text = await readFile(path, 'utf8')
    return text.trim() === '' ? noEntries : parseAuthFile(text, path)
  } catch (error) {
    const code = systemCode(error)
    const isAbsent = code === 'ENOENT' || code === 'ENOTDIR'
    // The folder of another user's session says nothing about our logins.
    if (!isNamed && (isAbsent || code === 'EACCES')) return noEntries
    if (!isAbsent) throw fileFailure('read', path, error)
    throw new Failure('REGISTRY_UNAUTHORIZED', `there is no file ${path}, which REGISTRY_AUTH_FILE names`, {
      hint: 'log in, which makes it: slipway login HOST; or unset REGISTRY_AUTH_FILE',
      cause: error,
    })
  }
}

/** Changes `auths` and leaves everything else as it is; readable by its owner only. @throws Failure FILE_SYSTEM, NO_SPACE */
export async function changeAuthFile(
  file: AuthFile,
  change: (auths: Record<string, unknown>) => void,
): Promise<void> {
  try {
    await mkdir(dirname(file.path), { recursive: true, mode: 0o700 })
    // A link, as people who keep their configuration elsewhere have one, stays a link.
    const path = await realpath(file.path).catch(() => file.path)
    await withLockFile(`${path}.lock`, async () => {
      const { document, auths } = await readAuthFile({ ...file, isNamed: false })
      const changed = { ...auths }
      change(changed)
      const text = JSON.stringify({ ...document, auths: changed }, undefined, '\t')
      await writeFileAtomically(path, `${text}\n`, { mode: 0o600 })
    })
  } catch (error) {
    throw fileFailure('write', file.path, error)
  }
}
