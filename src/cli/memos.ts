/** What this build of the program remembers between runs. */
import { homedir } from 'node:os'
import { cacheFolder, cachePath, openMemoFiles, type MemoFiles } from '../store/index.ts'
import { buildVersion } from './version.ts'

export function openMemos(): MemoFiles {
  return openMemoFiles(`${cachePath(cacheFolder(process.env, homedir()), 'builds')}/${buildVersion}`)
}
