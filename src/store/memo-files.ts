/**
 * Small texts of earlier runs, a file for each key, under a first line with their checksum. What is cut or changed is
 * as good as absent, and what cannot be written costs only time.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { writeFileAtomically } from '../base/index.ts'

export interface MemoFiles {
  /** nothing when it is not there, or not whole */
  readonly read: (key: string) => string | undefined
  /** in the background; the last of two wins */
  readonly write: (key: string, text: string) => void
}

/** @param folder need not exist; keys become names in it */
export function openMemoFiles(folder: string): MemoFiles {
  return {
    read(key) {
      try {
        return memoText(readFileSync(join(folder, key), 'utf8'))
      } catch {
        return undefined
      }
    },
    write(key, text) {
      writeFileAtomically(join(folder, key), `${checksum(text)}\n${text}`).catch(() => undefined)
    },
  }
}

/** What is written for a text. */
export function memoFile(text: string): string {
  return `${checksum(text)}\n${text}`
}

/** The text in what was written; nothing when it is not whole. */
export function memoText(file: string): string | undefined {
  const text = file.slice(file.indexOf('\n') + 1)
  return file.startsWith(`${checksum(text)}\n`) ? text : undefined
}

function checksum(text: string): string {
  return `${text.length} ${crc32(text).toString(16)}`
}
