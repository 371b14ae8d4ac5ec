/** Packages by name and version. */
import { Failure, nearest } from '../../base/index.ts'
import type { Package, PackageShelf } from './package.ts'

export function newPackageShelf(packages: readonly Package[]): PackageShelf {
  return {
    packages,
    find(name, version) {
      const named = packages.filter((one) => one.name === name)
      const found = named.find((one) => one.version === version)
      if (found) return found
      const near = nearest(name, new Set(packages.map((one) => one.name)))
      if (named.length === 0)
        throw new Failure('PACKAGE_NOT_FOUND', `there is no package "${name}"`, {
          hint: near
            ? `did you mean "${near}"?`
            : `there is ${[...new Set(packages.map((one) => one.name))].join(', ')}; others are named by source`,
        })
      throw new Failure('PACKAGE_NOT_FOUND', `package ${name} has no version ${version}`, {
        hint: `it has ${named.map((one) => one.version).join(', ')}`,
      })
    },
  }
}
