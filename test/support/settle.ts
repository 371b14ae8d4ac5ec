/** Waits until files that were just written are old enough to be trusted where they are. */
import { lstatSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { newFileClock } from '../../src/build/file-clock.ts'

/** @param path of a file or folder on the file system of the files */
export async function settle(path: string): Promise<void> {
  await sleep(newFileClock()({ dev: lstatSync(path, { bigint: true }).dev, path }) + 40)
}
