/** The file system of an image as a plain folder (`type=local`). */
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Failure, fileFailure, isRunning } from '../../../base/index.ts'
import { openRecipe } from '../../../layer/index.ts'
import type { Destination, DestinationOptions } from '../destination.ts'
import { imageFiles } from './image-files.ts'
import { mergeFolder, removeFolder } from './merge-folder.ts'
import { oneImageOnly } from './one-image.ts'
import { unpack, type UnpackLosses } from './unpack.ts'

/** A folder of the folder, so that moving out of it is a rename. */
const stagingName = /^\.slipway-(\d+)-[0-9a-f]+$/

/**
 * Unpacks beside what is in the folder and moves it into place at the end: names that are there already are replaced,
 * others stay.
 * @throws Failure FILE_SYSTEM when it is a file
 */
export async function folderDestination(folder: string, options: DestinationOptions): Promise<Destination> {
  const { emit, signal, tally } = options
  const found = await stat(folder).catch(() => undefined)
  if (found && !found.isDirectory())
    throw new Failure('FILE_SYSTEM', `cannot write into ${folder}: it is no folder`, {
      hint: 'name a folder, or write type=tar for a file',
    })
  const name = `folder ${folder}`
  const staging = join(folder, `.slipway-${process.pid}-${randomBytes(4).toString('hex')}`)
  /** the outermost folder that this run made */
  let made: string | undefined
  const checkImage = oneImageOnly(name)
  const warn = (message: string, hint: string): void =>
    emit({ kind: 'warning', message: `${name}: ${message}`, hint })
  const warnOfLosses = ({ owners, specials, attributes }: UnpackLosses): void => {
    if (owners > 0)
      warn(
        `its ${owners} files and folders belong to you, not to whom they belong in the image`,
        'run as root',
      )
    if (specials.length > 0)
      warn(`left out ${listed(specials)}: devices and pipes are not made`, 'type=tar has them')
    if (attributes.length > 0)
      warn(
        `${listed(attributes)}: without the extended attributes, such as capabilities`,
        'type=tar has them',
      )
  }
  return {
    name,
    async stage(image) {
      checkImage(image)
      made = await makeFolder(staging)
      const recipe = await imageFiles(image, { signal })
      const keepsOwners = process.getuid?.() === 0
      warnOfLosses(
        await unpack(openRecipe(recipe, { signal, tally }), staging, { tally, signal, keepsOwners }),
      )
      return image.platforms.flatMap(({ layers }) => layers.map(({ blob }) => blob.descriptor))
    },
    async commit() {
      await mergeFolder(staging, folder)
      await removeStaging(folder, staging)
      emit({ kind: 'published', destination: name, references: [] })
    },
    async abandon() {
      await removeStaging(folder, staging)
      for (let path = folder; made !== undefined && path.startsWith(made); path = dirname(path))
        await rmdir(path).catch(() => undefined)
    },
  }
}

async function makeFolder(path: string): Promise<string | undefined> {
  try {
    return await mkdir(path, { recursive: true, mode: 0o755 })
  } catch (error) {
    throw fileFailure('write', path, error)
  }
}

/** Ours, and what killed runs left. */
async function removeStaging(folder: string, staging: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name)
    const owner = Number(stagingName.exec(name)?.[1] ?? Number.NaN)
    if (path !== staging && (Number.isNaN(owner) || isRunning(owner))) continue
    await removeFolder(path)
  }
}

function listed(paths: readonly string[]): string {
  const shown = paths.slice(0, 3).map((path) => `/${path}`)
  return paths.length > 3 ? `${shown.join(', ')} and ${paths.length - 3} more` : shown.join(', ')
}
