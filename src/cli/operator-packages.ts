/** Packages of installations as the command line finds them. */
import { dirname, resolve } from 'node:path'
import type { Waiting } from '../base/index.ts'
import { builtInPackages, findPackage, type Installation, type Package } from '../operator/index.ts'
import type { Registry } from '../registry/index.ts'

/** The package of each, in their order; registries are opened for those that need one, and closed. */
export async function findPackages(
  file: string,
  installations: readonly Installation[],
  { signal, insecure }: Waiting & { readonly insecure?: readonly string[] | undefined } = {},
): Promise<Package[]> {
  const folder = file === '-' ? process.cwd() : dirname(resolve(file))
  const isRemote = installations.some((one) => one.package.source?.startsWith('oci://'))
  const find = (registry: (host: string) => Registry) =>
    Promise.all(
      installations.map((one) =>
        findPackage(one.package, { shelf: builtInPackages, folder, registry, signal }),
      ),
    )
  if (!isRemote)
    return find(() => {
      throw new Error('no package is in a registry')
    })
  const { newTally } = await import('../base/index.ts')
  const { registryPool } = await import('./registry-pool.ts')
  const pool = registryPool({
    tally: newTally(),
    emit: () => undefined,
    signal: signal ?? new AbortController().signal,
    insecure,
  })
  try {
    return await find(pool.pull)
  } finally {
    await pool.close()
  }
}
