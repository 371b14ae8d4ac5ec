/** The commit a project was built from. */
import { Failure, type Waiting } from '../../../base/index.ts'
import { git } from '../../add/git-program.ts'
import type { Material } from './material.ts'

/** Nothing when the folder is in no repository with a commit, or there is no git. */
export async function gitSource(folder: string, { signal }: Waiting = {}): Promise<Material | undefined> {
  const ask = async (...args: string[]): Promise<string | undefined> => {
    try {
      return (await git(['-C', folder, ...args], { purpose: `read the commit of ${folder}`, signal })).trim()
    } catch (error) {
      if (error instanceof Failure) return undefined
      throw error
    }
  }
  const commit = await ask('rev-parse', '--verify', 'HEAD^{commit}')
  if (commit === undefined) return undefined
  const remote = (await ask('config', '--get', 'remote.origin.url')) ?? ''
  const branch = await ask('symbolic-ref', '--quiet', 'HEAD')
  const changes = await ask('status', '--porcelain', '--untracked-files=no')
  const address = repositoryAddress(remote)
  return {
    ...(address === undefined
      ? { name: 'source' }
      : { uri: `git+${address}${branch === undefined ? '' : `@${branch}`}` }),
    digest: { gitCommit: commit },
    ...(changes !== '' && { annotations: { modified: true } }),
  }
}

/** A remote as an address without a user or password; nothing for a folder of this machine. */
export function repositoryAddress(remote: string): string | undefined {
  const [, host, path] = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/\/)(.+)$/.exec(remote) ?? []
  if (host !== undefined && path !== undefined) return `ssh://${host}/${path.replace(/^\/+/, '')}`
  if (!/^(?:https?|ssh|git):\/\//.test(remote) || !URL.canParse(remote)) return undefined
  const url = new URL(remote)
  url.username = url.password = url.search = url.hash = ''
  return url.href
}
