/** Where the package of an installation comes from: with Slipway, out of a folder, or out of a registry by its digest. */
import { resolve } from 'node:path'
import { Failure, type Waiting } from '../../base/index.ts'
import { parseReference, type Reference } from '../../oci/index.ts'
import type { Registry } from '../../registry/index.ts'
import type { PackageReference } from '../installation/installation.ts'
import type { Package, PackageShelf } from './package.ts'

export interface PackageSourceOptions extends Waiting {
  readonly shelf: PackageShelf
  /** that relative folders are relative to */
  readonly folder: string
  /** the client of a host to pull from */
  readonly registry: (host: string) => Registry
}

const scheme = 'oci://'

/** @throws Failure PACKAGE_NOT_FOUND | PACKAGE_INVALID, RegistryFailure */
export async function findPackage(
  reference: PackageReference,
  { shelf, folder, registry, signal }: PackageSourceOptions,
): Promise<Package> {
  const { source, name, version } = reference
  if (source === undefined) return shelf.find(name, version)
  const found = source.startsWith(scheme)
    ? await pull(source, registry, { signal })
    : await loadPackageFolder(resolve(folder, source), source)
  if (found.name === name && found.version === version) return found
  throw new Failure(
    'PACKAGE_NOT_FOUND',
    `${source} is package ${found.name} ${found.version}, not ${name} ${version}`,
    { hint: `write name: ${found.name} and version: ${found.version}, if that is what you want` },
  )
}

/** Packages that are data take a library for expressions, which others need not load. */
export async function loadPackageFolder(folder: string, source: string): Promise<Package> {
  const [{ readPackageFolder }, { readPackage }] = await Promise.all([
    import('../data-package/package-folder.ts'),
    import('../data-package/read-package.ts'),
  ])
  return readPackage(await readPackageFolder(folder), source)
}

/** Only what can be read back is pushed. Returns how installations name it. @throws RegistryFailure, as `findPackage` */
export async function pushPackageFolder(
  folder: string,
  registry: Registry,
  reference: Pick<Reference, 'repository' | 'tag'>,
  { signal }: Waiting = {},
): Promise<string> {
  const [{ readPackageFolder }, { readPackage }, { pushPackage }] = await Promise.all([
    import('../data-package/package-folder.ts'),
    import('../data-package/read-package.ts'),
    import('../data-package/package-artifact.ts'),
  ])
  const files = await readPackageFolder(folder)
  readPackage(files, folder)
  const digest = await pushPackage(registry, reference, files, { signal })
  return `${scheme}${registry.host}/${reference.repository}@${digest}`
}

async function pull(source: string, open: (host: string) => Registry, { signal }: Waiting): Promise<Package> {
  const { registry, repository, tag, digest } = parseReference(source.slice(scheme.length))
  if (digest === undefined)
    throw new Failure(
      'PACKAGE_NOT_FOUND',
      `${source} names no digest, so that it could be another package tomorrow`,
      {
        hint: `slipway operator package push prints it: ${scheme}${registry}/${repository}@sha256:…${tag === undefined ? '' : ' instead of the tag'}`,
      },
    )
  const [{ pullPackage }, { readPackage }] = await Promise.all([
    import('../data-package/package-artifact.ts'),
    import('../data-package/read-package.ts'),
  ])
  const files = await pullPackage(open(registry), { repository, digest }, { signal })
  return readPackage(files, source)
}
