/** What a build was made from, as SLSA's resolved dependencies name it. */
import { readFile } from 'node:fs/promises'
import { fileFailure } from '../../../base/index.ts'
import {
  digestHex,
  formatPlatform,
  sha256,
  type Digest,
  type Platform,
  type Reference,
} from '../../../oci/index.ts'

/** A ResourceDescriptor of in-toto, as far as we fill it. */
export interface Material {
  readonly uri?: string
  readonly name?: string
  /** hex by algorithm, such as `sha256` or `gitCommit` */
  readonly digest: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, unknown>>
}

/** A base image, named by the package URL that BuildKit uses. */
export function imageMaterial(reference: Reference, platform: Platform, digest: Digest): Material {
  const { registry, repository, tag } = reference
  const name = registry === 'docker.io' ? repository.replace(/^library\//, '') : `${registry}/${repository}`
  const [algorithm = '', hex = ''] = digest.split(':')
  const version = tag === undefined ? '' : `@${encodeURIComponent(tag)}`
  const path = name.split('/').map(encodeURIComponent).join('/')
  return {
    uri: `pkg:docker/${path}${version}?platform=${encodeURIComponent(formatPlatform(platform))}`,
    digest: { [algorithm]: hex },
  }
}

/** Each once, in an order that does not depend on what was ready first. */
export function sortMaterials(materials: Iterable<Material>): Material[] {
  const byText = new Map([...materials].map((material) => [JSON.stringify(material), material]))
  return [...byText].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, material]) => material)
}

/**
 * @param path of the file; `inline` is its text when the plan holds it
 * @param name its path from the project root
 */
export async function dockerfileMaterial(
  { path, inline }: { readonly path: string; readonly inline: string | undefined },
  name: string,
): Promise<Material> {
  try {
    return { name, digest: { sha256: digestHex(sha256(inline ?? (await readFile(path)))) } }
  } catch (error) {
    throw fileFailure('read', path, error)
  }
}
