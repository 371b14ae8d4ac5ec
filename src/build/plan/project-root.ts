/** The folder that paths of slipway.yaml and docker.yaml are relative to. */
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** `root` when given, else the nearest folder above the plan that holds `.git`, else `directory`. */
export function projectRoot(
  plan: string,
  { root, directory }: { readonly root?: string | undefined; readonly directory: string },
): string {
  return root === undefined ? (repositoryRoot(dirname(plan)) ?? resolve(directory)) : resolve(directory, root)
}

function repositoryRoot(directory: string): string | undefined {
  let current = directory
  for (;;) {
    if (existsSync(join(current, '.git'))) return current
    const parent = dirname(current)
    if (parent === current) return undefined
    current = parent
  }
}
