/**
 * The demo plan with its programs in a folder of its own, and the changes that cases make there: 12 images in two
 * variants for two platforms on two bases, 1.4 GB of real ELF files.
 */
import { randomBytes } from 'node:crypto'
import { cp, copyFile, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { temporaryFolder } from '../test/support/temporary-folder.ts'
import { run } from './usage.ts'

export interface Workload extends AsyncDisposable {
  /** project root, with slipway.yaml in it */
  readonly root: string
  /** the largest program, 97 MB, in two images */
  readonly large: string
  /** a file of some bytes in three images */
  readonly small: string
  readonly changes: Readonly<Record<Change, () => Promise<void>>>
}

export type Change = 'large' | 'small' | 'relink'

const repository = resolve(import.meta.dirname, '..')

/** Runs the artifact commands of the plan once, so that nobody waits for downloads, and copies the project. */
export async function makeWorkload(): Promise<Workload> {
  const demo = join(repository, 'examples/demo')
  for (const architecture of ['amd64', 'arm64']) {
    const out = join(demo, 'out', `linux_${architecture}`)
    const env = { TARGET_ARCH: architecture, TARGET_OUT_LINUX: out }
    await run(process.execPath, [join(repository, 'scripts/demo-binaries.ts')], { env })
  }
  const folder = await temporaryFolder()
  const root = folder.join('demo')
  await cp(demo, root, {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
    filter: (path) => !path.endsWith('/.slipway'),
  })
  const large = join(root, 'out/linux_amd64/biome')
  const small = join(root, 'static/ci/biome.json')
  return {
    root,
    large,
    small,
    changes: {
      large: async () => changeInPlace(large),
      small: async () => {
        const text = (await readFile(small, 'utf8')).trimEnd()
        await writeFile(small, `${text}${'\n'.repeat(1 + (count++ % 50))}`)
        await settle()
      },
      relink: async () => {
        await copyFile(large, `${large}.new`)
        await rename(`${large}.new`, large)
        await settle()
      },
    },
    [Symbol.asyncDispose]: async () => {
      await rm(folder.path, { recursive: true, force: true })
    },
  }
}

let count = 1

/** Writes random bytes into the middle of a program, which keeps its size. */
async function changeInPlace(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    const { size } = await file.stat()
    await file.write(randomBytes(8), 0, 8, Math.floor(size / 2))
  } finally {
    await file.close()
  }
  await settle()
}

/** Longer than the tick of a file system's clock: whoever builds does so a moment after the last write. */
const settle = () => sleep(100)

export async function sizeOf(path: string): Promise<number> {
  return (await stat(path)).size
}
