/** Packages in folders. */
import { glob, readFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { Failure, fileFailure } from '../../base/index.ts'
import { checkFileSize, isPackagePath } from './package-artifact.ts'
import { packageFile, type PackageFile } from './read-package.ts'

/** Its `package.yaml` and everything below `manifests`. @throws Failure PACKAGE_NOT_FOUND, FILE_SYSTEM */
export async function readPackageFolder(folder: string): Promise<PackageFile[]> {
  const found = await Array.fromAsync(glob([packageFile, 'manifests/**/*.{yaml,yml}'], { cwd: folder }))
  const paths = found.map((path) => path.split(sep).join('/')).toSorted()
  if (!paths.includes(packageFile))
    throw new Failure('PACKAGE_NOT_FOUND', `there is no package in ${folder}: it has no ${packageFile}`)
  return Promise.all(
    paths.map(async (path) => {
      if (!isPackagePath(path))
        throw new Failure('PACKAGE_INVALID', `${join(folder, path)} has a name that packages cannot have`, {
          hint: 'letters, digits, _, . and - are fine',
        })
      const text = await readFile(join(folder, path), 'utf8').catch((error: unknown) => {
        throw fileFailure('read', join(folder, path), error)
      })
      checkFileSize(path, text.length)
      return { path, text }
    }),
  )
}
