/**
 * Packages in registries: an artifact (image-spec, "Guidelines for Artifact Usage") with one layer for each file, named by
 * its title as other tools name theirs. The same files have the same digest everywhere.
 */
import { Failure, type Waiting } from '../../base/index.ts'
import {
  bytesBlob,
  encodeJson,
  mediaTypes,
  readContent,
  sha256,
  type Descriptor,
  type Digest,
  type Manifest,
  type Reference,
} from '../../oci/index.ts'
import type { Registry } from '../../registry/index.ts'
import { packageFile, type PackageFile } from './read-package.ts'

export const packageArtifactType = 'application/vnd.slipway.package.v1'
const fileMediaType = 'application/vnd.slipway.package.file.v1+yaml'
const emptyMediaType = 'application/vnd.oci.empty.v1+json'
const titleAnnotation = 'org.opencontainers.image.title'

/** A package is text that people have written. */
const longestFile = 1 << 20
const mostFiles = 500

/** Pushes the files and returns the digest that names them. @throws RegistryFailure */
export async function pushPackage(
  registry: Registry,
  { repository, tag }: Pick<Reference, 'repository' | 'tag'>,
  files: readonly PackageFile[],
  { signal }: Waiting = {},
): Promise<Digest> {
  const config = bytesBlob(emptyMediaType, Buffer.from('{}'))
  const blobs = files
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
    .map(({ path, text }) => ({ path, blob: bytesBlob(fileMediaType, Buffer.from(text)) }))
  for (const blob of [config, ...blobs.map((one) => one.blob)])
    await registry.pushBlob(repository, blob, { signal })
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    artifactType: packageArtifactType,
    config: config.descriptor,
    layers: blobs.map(({ path, blob }) => ({ ...blob.descriptor, annotations: { [titleAnnotation]: path } })),
  }
  const bytes = encodeJson(manifest)
  const digest = sha256(bytes)
  await registry.pushManifest(
    repository,
    tag ?? digest,
    { mediaType: mediaTypes.manifest, bytes },
    { signal },
  )
  return digest
}

/** @throws RegistryFailure, Failure PACKAGE_NOT_FOUND | PACKAGE_INVALID */
export async function pullPackage(
  registry: Registry,
  { repository, digest }: { readonly repository: string; readonly digest: Digest },
  { signal }: Waiting = {},
): Promise<PackageFile[]> {
  const name = `${registry.host}/${repository}@${digest}`
  const found = await registry.getManifest(repository, digest, { signal })
  if (!found) throw new Failure('PACKAGE_NOT_FOUND', `there is no package ${name}`)
  const manifest = JSON.parse(Buffer.from(found.bytes).toString()) as Manifest
  if (manifest.artifactType !== packageArtifactType)
    throw new Failure('PACKAGE_INVALID', `${name} is no package, but ${manifest.artifactType ?? 'an image'}`)
  if (manifest.layers.length > mostFiles)
    throw new Failure(
      'PACKAGE_INVALID',
      `${name} has ${manifest.layers.length} files, and ${mostFiles} is the most`,
    )
  const files: PackageFile[] = []
  for (const layer of manifest.layers) files.push(await readFile(registry, repository, layer, name))
  return files
}

async function readFile(
  registry: Registry,
  repository: string,
  layer: Descriptor,
  name: string,
): Promise<PackageFile> {
  const path = layer.annotations?.[titleAnnotation]
  if (path === undefined || !isPackagePath(path))
    throw new Failure('PACKAGE_INVALID', `${name} has a file with the name ${JSON.stringify(path)}`)
  if (layer.size > longestFile) throw tooLong(path)
  const bytes = await readContent(registry.openBlob(repository, layer))
  return { path, text: Buffer.from(bytes).toString() }
}

/** Files that belong to a package: others in its folder are left where they are. */
export function isPackagePath(path: string): boolean {
  return path === packageFile || /^manifests\/(?:[\w.-]+\/)*[\w.-]+\.ya?ml$/.test(path)
}

/** @throws Failure PACKAGE_INVALID */
export function checkFileSize(path: string, size: number): void {
  if (size > longestFile) throw tooLong(path)
}

function tooLong(path: string): Failure {
  return new Failure('PACKAGE_INVALID', `${path} has more than ${longestFile} bytes`)
}
