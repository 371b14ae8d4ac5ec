/**
 * Files as data: build contexts and layers of base images are written as tables, path by path.
 *
 *   'bin/': 0o755                     a directory and its mode
 *   'etc/motd': 'welcome\n'           a file of mode 0644
 *   'bin/sh': '-> dash'               a symbolic link
 *   'app': { content: '..', mode: 0o4755, uid: 7 }
 *   'same': { hardlink: 'app' }       a further name of a file above
 */
import { execFileSync } from 'node:child_process'
import { chmod, link, lstat, mkdir, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'

export interface FileFields {
  readonly content?: string | Uint8Array
  readonly mode?: number
  /** base images only: a context has no owners */
  readonly uid?: number
  readonly gid?: number
  readonly symlink?: string
  /** path of an earlier file of the table */
  readonly hardlink?: string
  readonly special?: 'fifo' | 'socket'
  /** base images only */
  readonly xattrs?: Readonly<Record<string, string>>
}

export type FileTable = Readonly<Record<string, string | number | Uint8Array | FileFields>>

export type FileKind = 'directory' | 'file' | 'symlink' | 'hardlink' | 'fifo' | 'socket'

export interface TableFile extends FileFields {
  readonly path: string
  readonly kind: FileKind
  readonly mode: number
}

export function filesOf(table: FileTable): TableFile[] {
  return Object.entries(table).map(([key, value]): TableFile => {
    const isDirectory = key.endsWith('/')
    const path = isDirectory ? key.slice(0, -1) : key
    const fields = fieldsOf(value)
    const kind = isDirectory ? 'directory' : kindOf(fields)
    return { mode: isDirectory ? 0o755 : 0o644, ...fields, path, kind }
  })
}

function fieldsOf(value: FileTable[string]): FileFields {
  if (value instanceof Uint8Array) return { content: value }
  if (typeof value === 'object') return value
  if (typeof value === 'number') return { mode: value }
  return value.startsWith('-> ') ? { symlink: value.slice(3) } : { content: value }
}

function kindOf({ symlink: target, hardlink, special }: FileFields): FileKind {
  if (target !== undefined) return 'symlink'
  return hardlink !== undefined ? 'hardlink' : (special ?? 'file')
}

/** Writes the files into a folder of the host. Directories that are only implied get 0755. */
export async function writeFiles(folder: string, table: FileTable): Promise<void> {
  const files = filesOf(table)
  await makeDirectory(folder)
  for (const file of files) {
    const path = join(folder, file.path)
    await makeDirectory(dirname(path))
    if (file.kind === 'directory') await mkdir(path, { recursive: true })
    else if (file.kind === 'symlink') await symlink(file.symlink!, path)
    else if (file.kind === 'hardlink') await link(join(folder, file.hardlink!), path)
    else if (file.kind === 'fifo') execFileSync('mkfifo', [path])
    else if (file.kind === 'socket') await makeSocket(path)
    else await writeFile(path, file.content ?? '')
  }
  // Last, deepest first: whoever is not root cannot write into what they may not.
  for (const file of files.toReversed()) {
    if (file.kind === 'directory' || file.kind === 'file') await chmod(join(folder, file.path), file.mode)
  }
}

async function makeDirectory(path: string): Promise<void> {
  const exists = await lstat(path).then(
    () => true,
    () => false,
  )
  if (exists) return
  await makeDirectory(dirname(path))
  await mkdir(path)
  await chmod(path, 0o755)
}

/** A socket keeps its name when its server is not closed but its process dies; renaming it away saves it from close(). */
async function makeSocket(path: string): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(`${path}~`, resolve))
  await link(`${path}~`, path)
  await new Promise<void>((resolve) => server.close(() => resolve()))
}
