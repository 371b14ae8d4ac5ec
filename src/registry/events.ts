/** What a registry client says while it works. Part of the `--progress=json` contract. */
import type { Digest } from '../oci/index.ts'

export type RegistryEvent =
  /** at most every 100 ms for one blob, and once when all its bytes are out; `sent` starts again at 0 on a retry */
  | {
      readonly kind: 'upload-progress'
      readonly registry: string
      readonly repository: string
      readonly digest: Digest
      /** bytes handed to the connection */
      readonly sent: number
      /** bytes in all */
      readonly size: number
    }
  /** a request failed and will be repeated */
  | {
      readonly kind: 'registry-retry'
      readonly registry: string
      /** such as `push layer sha256:9f2c41d0a7b3… to ghcr.io/acme/api` */
      readonly what: string
      /** such as `429` or `ECONNRESET` */
      readonly reason: string
      /** the attempt that failed, from 1 */
      readonly attempt: number
      readonly delayMs: number
      /** waiting for this work so far, this wait included */
      readonly waitedMs: number
    }
  /** a 429: everybody waits, and less is asked at once until the registry has answered for a while */
  | {
      readonly kind: 'registry-slowed'
      readonly registry: string
      readonly delayMs: number
      /** uploads at once from now on */
      readonly uploads: number
      /** other requests at once from now on */
      readonly requests: number
    }
  /** a mirror could not be used, which is more than lacking an image, and the next place is asked */
  | {
      readonly kind: 'mirror-failed'
      /** host that the image is named after */
      readonly registry: string
      readonly repository: string
      /** host and repository of the mirror */
      readonly mirror: string
      readonly reason: string
    }
