/**
 * Where images go. Content is put in place image by image as they get ready, under names nobody looks at; only when
 * the whole run succeeded are all names moved.
 */
import type { Tally, Waiting } from '../../base/index.ts'
import type { Codec } from '../../layer/index.ts'
import type { Descriptor, Digest, Reference, UnnamedBlob } from '../../oci/index.ts'
import type { Emit } from '../events.ts'
import type { BuiltImage } from '../image.ts'

export interface DestinationOptions extends Waiting {
  readonly tally: Tally
  readonly emit: Emit
}

/** Names that others use too, such as tags of a registry. */
export interface SharedNames {
  /** What a name leads to; nothing when it is free. Asked once per run, but for `isFresh`. */
  find(reference: Reference, options?: { readonly isFresh?: boolean }): Promise<Digest | undefined>
  /** What a name of an image will lead to in this destination. */
  digestOf(image: BuiltImage, reference: Reference): Promise<Digest>
}

/** A layer of which earlier runs know nothing that would be it. */
export interface UnhashedLayer extends UnnamedBlob {
  /** what was made of files in the same places before: nothing, or layers of files that all had other sizes */
  readonly past: 'nothing' | 'other sizes'
}

export interface Destination {
  /** for people, such as `registry localhost:5000` or `layout .slipway/oci` */
  readonly name: string
  /** absent where names are nobody else's, such as in a folder */
  readonly names?: SharedNames
  /** keeps documents about images as referrers; absent: they cannot travel there */
  readonly takesReferrers?: true
  /** How layers are compressed for one of the names, or for an image without any; absent: not at all. */
  codecFor?(reference: Reference | undefined): Codec
  /**
   * Takes the bytes of a layer, for an image with these names, while they are hashed, and returns their digest. Nothing
   * where it does not want them before it knows that, or where they could not all be read.
   * @throws Failure SOURCE_CHANGED | FILE_SYSTEM
   */
  stream?(layer: UnhashedLayer, references: readonly Reference[]): Promise<Digest | undefined>
  /**
   * Puts everything of an image in place but its names, and returns what was not there before, each blob once per run.
   * May run for several images at once, and for one image several times with different names.
   */
  stage(image: BuiltImage): Promise<readonly Descriptor[]>
  /**
   * What needs the whole run at once, before any name moves: called once, after every image is staged everywhere.
   */
  prepare?(): Promise<void>
  /** Moves the names of all staged images. Called once, after everything is staged and prepared everywhere. */
  commit(): Promise<void>
  /** Called instead of `commit`, or after it failed; leaves nothing half-written. */
  abandon(): Promise<void>
}
