/** Opens the image that a name stands for. */
import { homedir } from 'node:os'
import { relative } from 'node:path'
import {
  archiveSource,
  daemonSource,
  folderFiles,
  layoutSource,
  registrySource,
  type DestinationOptions,
  type ImageSource,
} from '../build/index.ts'
import { cacheFolder } from '../store/index.ts'
import type { ImageName } from './image-name.ts'
import type { RegistryPool } from './registry-pool.ts'

export interface OpenSourceOptions extends Pick<DestinationOptions, 'tally' | 'signal'> {
  readonly registries: RegistryPool
}

/** @throws Failure */
export async function openSource(name: ImageName, options: OpenSourceOptions): Promise<ImageSource> {
  const { registries, signal } = options
  switch (name.kind) {
    case 'registry': {
      const cache = cacheFolder(process.env, homedir())
      return registrySource(name.reference, { registry: registries.pull, cache })
    }
    case 'layout':
      return layoutSource(folderFiles(name.path, shownPath(name.path)), name.name)
    case 'archive': {
      const { format, path } = name
      return archiveSource(path, { shown: shownPath(path), name: name.name, format, signal })
    }
    case 'daemon':
      return daemonSource(name.name, { env: process.env, context: undefined }, options)
  }
}

export function shownPath(path: string): string {
  const shown = relative(process.cwd(), path)
  return shown === '' || shown.startsWith('..') ? path : shown
}
