/**
 * What happens during a build, for reporters and machines. Products emit these and never print.
 * `--progress=json` shows them as they are: a public contract, fields are only added.
 */
import type { Explanation } from './explain/explain.ts'
import type { Place, Tally } from '../base/index.ts'
import type { Digest } from '../oci/index.ts'
import type { RegistryEvent, ServedEvent } from '../registry/index.ts'
import type { WatchEvent } from './watch/watch-event.ts'

/** Which build an event belongs to: one image in one variant on one platform. */
export interface BuildId {
  readonly image: string
  readonly variant?: string | undefined
  /** `linux/amd64`; absent for what concerns all platforms */
  readonly platform?: string | undefined
}

export type LayerState = 'known' | 'hashed' | 'base'

export type BuildEvent =
  | RegistryEvent
  | ServedEvent
  | WatchEvent
  | { readonly kind: 'plan'; readonly images: number; readonly builds: number; readonly commands: number }
  | {
      readonly kind: 'warning'
      readonly message: string
      readonly at?: Place | undefined
      readonly hint?: string | undefined
    }
  | { readonly kind: 'command-started'; readonly id: string; readonly label: string }
  | { readonly kind: 'command-output'; readonly id: string; readonly text: string }
  | { readonly kind: 'command-finished'; readonly id: string; readonly seconds: number }
  | { readonly kind: 'build-started'; readonly build: BuildId }
  /** a layer is sent while it is hashed: at most every 100 ms for one layer */
  | {
      readonly kind: 'layer-sending'
      readonly destination: string
      /** the largest file in it, as the image has it */
      readonly source: string | undefined
      /** bytes that were handed to the connection; starts again at 0 when they are sent again */
      readonly sent: number
      /** bytes in all */
      readonly size: number
    }
  /** a layer was read and hashed, once for all builds that share it */
  | {
      readonly kind: 'layer-hashed'
      readonly digest: Digest
      /** of its tar */
      readonly bytes: number
      /** the largest file in it, as the image has it */
      readonly source: string | undefined
      /** 0 for the main one */
      readonly thread: number
      readonly seconds: number
      /** the destination that took its bytes meanwhile; absent: none did */
      readonly sentTo?: string
    }
  /** a layer has its digest; `bytes` is the size of its tar */
  | {
      readonly kind: 'layer'
      readonly build: BuildId
      readonly state: LayerState
      readonly digest: Digest
      readonly bytes: number
    }
  /** with `--explain`: what is new about a build and why; nothing is when both lists are empty */
  | ({ readonly kind: 'explained'; readonly build: BuildId } & Explanation)
  | { readonly kind: 'build-finished'; readonly build: BuildId; readonly digest: Digest }
  /** a layer is read and compressed; `bytes` is the size of its tar */
  | {
      readonly kind: 'compress-started'
      readonly diffId: Digest
      /** such as `gzip:6` */
      readonly compression: string
      readonly bytes: number
    }
  /** `digest` and `size` are those of the compressed layer */
  | {
      readonly kind: 'compressed'
      readonly diffId: Digest
      readonly compression: string
      readonly bytes: number
      readonly digest: Digest
      readonly size: number
    }
  /** an image is in place in a destination; its digest differs from one compression to another */
  | {
      readonly kind: 'staged'
      readonly destination: string
      readonly build: BuildId
      readonly references: readonly string[]
      readonly compression: string
      readonly digest: Digest
    }
  /** a destination starts to send or write a blob, unless it has it */
  | {
      readonly kind: 'blob-started'
      readonly destination: string
      readonly digest: Digest
      readonly bytes: number
    }
  /** what a destination did with a blob */
  | {
      readonly kind: 'blob'
      readonly destination: string
      readonly digest: Digest
      readonly bytes: number
      readonly state: BlobState
    }
  /** a document about a manifest is in a registry's list of referrers */
  | {
      readonly kind: 'referrer'
      readonly destination: string
      /** of the manifest it is about */
      readonly subject: Digest
      /** of the document's own manifest */
      readonly digest: Digest
      /** such as `application/spdx+json` */
      readonly artifactType: string
      readonly state: 'exists' | 'pushed'
    }
  | {
      readonly kind: 'image-finished'
      readonly build: BuildId
      readonly digest: Digest
      readonly seconds: number
    }
  /** everything is in place, names start to move */
  | { readonly kind: 'publishing' }
  | { readonly kind: 'published'; readonly destination: string; readonly references: readonly string[] }
  | {
      readonly kind: 'finished'
      readonly seconds: number
      readonly tally: Tally
      /** bytes, of the whole process */
      readonly peakMemory: number
    }

export type BlobState = 'exists' | 'mounted' | 'uploaded' | 'written'

export type Emit = (event: BuildEvent) => void
