/** The commit a project was built from. */
import { Failure, type Waiting } from '../../../base/index.ts'
import { readRepository } from '../../release/git-repository.ts'
import { sourceAddress } from '../../release/source-address.ts'
import type { Material } from './material.ts'

export interface GitSourceOptions extends Waiting {
  readonly warn: (message: string) => void
}

/** Nothing, and a warning that says so, when the folder is in no repository with a commit or git cannot be asked. */
export async function gitSource(
  folder: string,
  { warn, signal }: GitSourceOptions,
): Promise<Material | undefined> {
  try {
    const repository = await readRepository(folder, { signal })
    if (repository?.commit) {
      const address = repository.remote === undefined ? undefined : sourceAddress(repository.remote)
      return {
        ...(address === undefined ? { name: 'source' } : { uri: `git+${address}` }),
        digest: { gitCommit: repository.commit.id },
        ...(repository.isDirty && { annotations: { modified: true } }),
      }
    }
    warn(`provenance names no commit: ${folder} is in no git repository that has one`)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    warn(`provenance names no commit: ${error.message}`)
  }
  return undefined
}
