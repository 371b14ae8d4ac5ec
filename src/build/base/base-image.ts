/** A base image by reference: its config and layers. Its blobs stay where they are until a destination lacks one. */
import type { Digest, ImageConfig } from '../../oci/index.ts'
import type { BuiltLayer } from '../layers.ts'
import type { Tree } from '../tree.ts'

export interface BaseImage {
  /** for messages, such as `docker.io/library/debian:12` */
  readonly description: string
  readonly config: ImageConfig
  readonly layers: readonly BuiltLayer[]
  /** of what its name leads to in a registry, a manifest or an index */
  readonly digest?: Digest
  /** of its manifest for the platform */
  readonly manifestDigest?: Digest
  /** it is built by the same plan: no registry need have it yet */
  readonly isBuiltHere?: boolean
  /** The file tree; reads layers once per machine where no index of them is known yet. */
  tree(): Promise<Tree>
}
