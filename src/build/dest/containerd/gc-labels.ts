/**
 * Labels that tell containerd's garbage collector what a manifest or an index refers to; without them it collects the
 * layers of an image that has a name (containerd docs/garbage-collection.md, "Garbage Collection Labels"). Pure.
 */
import type { Digest } from '../../../oci/index.ts'
import type { BuiltPlatform } from '../../image.ts'

const prefix = 'containerd.io/gc.ref.content'

/** For the manifest of a platform: its config and its layers. */
export function manifestLabels({ config, layers }: BuiltPlatform): Record<string, string> {
  const references: [string, Digest][] = [
    ['config', config.descriptor.digest],
    ...layers.map(({ blob }, index): [string, Digest] => [`l.${index}`, blob.descriptor.digest]),
  ]
  return Object.fromEntries(references.map(([name, digest]) => [`${prefix}.${name}`, digest]))
}

/** For an index: the manifests of the platforms that are there. */
export function indexLabels(platforms: readonly BuiltPlatform[]): Record<string, string> {
  return Object.fromEntries(
    platforms.map(({ manifest }, index) => [`${prefix}.m.${index}`, manifest.descriptor.digest]),
  )
}
