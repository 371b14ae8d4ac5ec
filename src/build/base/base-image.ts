/** A base image by reference: its config and layers. Its blobs stay where they are until a destination lacks one. */
import type { ImageConfig } from '../../oci/index.ts'
import type { BuiltLayer } from '../layers.ts'
import type { Tree } from '../tree.ts'

export interface BaseImage {
  /** for messages, such as `docker.io/library/debian:12` */
  readonly description: string
  readonly config: ImageConfig
  readonly layers: readonly BuiltLayer[]
  /** The file tree; reads layers once per machine where no index of them is known yet. */
  tree(): Promise<Tree>
}
