/** Archives as ADD asks for them: unpacked once per run, and not read again in later runs while they are unchanged. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodePathname, once, type Waiting } from '../../base/index.ts'
import type { FileSource } from '../../layer/index.ts'
import { cachePath, writeFileAtomically } from '../../store/index.ts'
import type { Archive } from '../copy/extract.ts'
import { isCleanFile } from '../racy.ts'
import { archiveLimits, storedArchive, unpackArchive, type ArchiveLimits } from './archive-store.ts'
import { archiveCompression } from './archive-detection.ts'

export interface Archives {
  /**
   * The file unpacked; nothing for a file that is no archive.
   * @param description of the file, for messages
   * @throws Failure ARCHIVE_INVALID | SOURCE_UNSUPPORTED | SOURCE_CHANGED | NO_SPACE | FILE_SYSTEM
   */
  open(source: FileSource, description: string): Promise<Archive | undefined>
}

export interface ArchivesOptions extends Waiting {
  /** cache folder; archives are kept in `archives-1` below it */
  readonly cache: string
  readonly limits?: ArchiveLimits
}

export function newArchives({ cache, limits = archiveLimits, signal }: ArchivesOptions): Archives {
  const folder = cachePath(cache, 'archives')
  const share = once<string, Archive | undefined>()
  return {
    open(source, description) {
      const name = identityOf(source)
      return share(name, async () => {
        const known = join(folder, 'known', name)
        const digest = await readFile(known, 'utf8').catch(() => undefined)
        const stored = digest === undefined ? undefined : await storedArchive(folder, digest, description)
        if (stored) return stored
        const startedMs = Date.now()
        const compression = await archiveCompression(source, { signal })
        if (compression === undefined) return undefined
        const unpacked = await unpackArchive(source, { folder, description, compression, limits, signal })
        if (source.kind === 'file' && isCleanFile({ ...source.fingerprint, path: source.path }, startedMs)) {
          // the cache only saves time: without it the archive is unpacked again
          await writeFileAtomically(known, unpacked.digest).catch(() => undefined)
        }
        return unpacked.archive
      })
    },
  }
}

function identityOf(source: FileSource): string {
  const hash = createHash('sha256')
  if (source.kind === 'bytes') return hash.update(source.bytes).digest('hex')
  const { dev, ino, size, mtimeNs, ctimeNs, mode } = source.fingerprint
  return hash
    .update([dev, ino, size, mtimeNs, ctimeNs, mode].join(' '))
    .update(encodePathname(source.path))
    .digest('hex')
}
