import { Failure, systemCode } from './failure.ts'

const meanings = new Map([
  ['ENOENT', 'it does not exist'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'operation not permitted'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'a part of the path is not a folder'],
  ['EEXIST', 'it exists already'],
  ['EROFS', 'the file system is read-only'],
  ['EMFILE', 'too many open files'],
  ['ELOOP', 'too many symbolic links'],
  ['ENAMETOOLONG', 'the name is too long'],
])

/**
 * A system error as a `Failure` that names the action and the path: `cannot write out/x: the disk is full`.
 * Errors that are no system errors come back unchanged.
 */
export function fileFailure(action: string, path: string, error: unknown): unknown {
  const code = systemCode(error)
  if (code === undefined || error instanceof Failure) return error
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new Failure('NO_SPACE', `cannot ${action} ${path}: the disk is full`, {
      hint: 'free some space and run the same command again; nothing half-written was left behind',
      cause: error,
    })
  }
  return new Failure('FILE_SYSTEM', `cannot ${action} ${path}: ${meanings.get(code) ?? code}`, {
    cause: error,
  })
}
