/** The files of `-c`: which there are, and their text. Folders are read whole; nothing is parsed here. */
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Failure, fileFailure, systemCode } from '../../base/index.ts'
import type { Diagnostic } from './diagnostic.ts'

export interface ConfigFile {
  /** path as the user would write it; `<stdin>` for `-` */
  readonly path: string
  readonly text: string
  /** another text when it was written since */
  readonly stamp?: string
}

export interface ConfigFiles {
  /** by path */
  readonly files: readonly ConfigFile[]
  /** of files that are there and cannot be taken: what they held before goes on */
  readonly problems: readonly Diagnostic[]
  /** paths of `problems`; of a folder: everything below it */
  readonly unread: readonly string[]
}

export const standardInputPath = '<stdin>'
/** bytes; a bigger file is refused */
export const fileSizeLimit = 64 << 20

const extensions = /\.(?:ya?ml|json)$/

export interface ReadConfigOptions {
  /** what `-` stands for */
  readonly standardInput?: string | undefined
  /** bytes; default 64 MiB */
  readonly sizeLimit?: number
}

/**
 * Reads the files and, recursively, `.yaml`, `.yml` and `.json` files of folders. Names that begin with a dot or begin or
 * end with `~` are passed over in folders; a file that is reached on two ways (links) is read once. A file that goes
 * away while it is looked at is not there.
 * @throws Failure GATEWAY_CONFIG when a path of `config` does not exist or cannot be read
 */
export async function readConfigFiles(
  config: readonly string[],
  { standardInput, sizeLimit = fileSizeLimit }: ReadConfigOptions = {},
): Promise<ConfigFiles> {
  const files: ConfigFile[] = []
  const problems: Diagnostic[] = []
  const cannotRead = (path: string, error: unknown): void => {
    const why = error instanceof TypeError ? 'is not UTF-8 text' : `cannot be read: ${systemCode(error)}`
    problems.push(problem(path, why, 'unreadable-file'))
  }
  for (const path of await listConfigFiles(config, { onUnread: cannotRead })) {
    if (path === '-') {
      files.push({ path: standardInputPath, text: standardInput ?? '' })
      continue
    }
    try {
      const { size, mtimeMs, ino } = await stat(path)
      if (size > sizeLimit) {
        problems.push(problem(path, `is larger than ${sizeLimit} bytes`, 'file-too-large'))
        continue
      }
      files.push({ path, text: decode(await readFile(path)), stamp: `${ino} ${mtimeMs}` })
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') cannotRead(path, error)
    }
  }
  return { files, problems, unread: problems.map(({ at }) => at.file) }
}

export interface ListOptions {
  /** told of every folder that is looked into */
  readonly onFolder?: (folder: string) => void
  /** told of what is in a folder and cannot be looked at */
  readonly onUnread?: (path: string, error: unknown) => void
}

/** Paths of the files, `-` among them, in the order they are read. @throws Failure GATEWAY_CONFIG */
export async function listConfigFiles(
  config: readonly string[],
  { onFolder = () => {}, onUnread = () => {} }: ListOptions = {},
): Promise<string[]> {
  const found: Found = { paths: [], seen: new Set(), onFolder, onUnread }
  for (const path of config) {
    if (path === '-') {
      found.paths.push(path)
      continue
    }
    try {
      if ((await stat(path)).isDirectory()) await walk(path, found)
      else await addFile(path, found)
    } catch (error) {
      const cause = fileFailure('read', path, error)
      if (!(cause instanceof Failure)) throw cause
      throw new Failure('GATEWAY_CONFIG', cause.message, {
        hint: 'name a folder or file of Gateway API, Istio or Ingress objects with -c',
        cause: error,
      })
    }
  }
  return found.paths
}

interface Found {
  readonly paths: string[]
  /** real paths of files and folders */
  readonly seen: Set<string>
  readonly onFolder: (folder: string) => void
  readonly onUnread: (path: string, error: unknown) => void
}

async function walk(folder: string, found: Found): Promise<void> {
  if (!(await isNew(folder, found))) return
  found.onFolder(folder)
  for (const name of (await readdir(folder)).toSorted()) {
    if (isPassedOver(name)) continue
    const path = join(folder, name)
    try {
      if ((await stat(path)).isDirectory()) await walk(path, found)
      else if (extensions.test(name)) await addFile(path, found)
    } catch (error) {
      const code = systemCode(error)
      if (code === undefined) throw error
      if (code !== 'ENOENT' && code !== 'ELOOP') found.onUnread(path, error)
    }
  }
}

/** Files that editors and mounts keep beside the real ones. */
export function isPassedOver(path: string): boolean {
  return /^[.~]|~$/.test(basename(path))
}

async function addFile(path: string, found: Found): Promise<void> {
  if (await isNew(path, found)) found.paths.push(path)
}

async function isNew(path: string, { seen }: Found): Promise<boolean> {
  const real = await realpath(path)
  if (seen.has(real)) return false
  seen.add(real)
  return true
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
}

function problem(path: string, why: string, rule: string): Diagnostic {
  return { severity: 'error', rule, message: `${path} ${why}`, at: { file: path, line: 1, column: 1 } }
}
