/** What is asked of a builder that runs RUN for us: one stage of one Dockerfile for one platform, as an OCI layout. */
import type { Waiting } from '../../../base/index.ts'
import type { Digest, Platform } from '../../../oci/index.ts'
import type { BuilderName } from '../choice.ts'

/** What a name in the Dockerfile stands for instead of what it says. */
export type BuilderContext =
  | { readonly kind: 'folder'; readonly path: string }
  | { readonly kind: 'image'; readonly reference: string }
  /** an OCI layout with one image, and the digest of its manifest or index */
  | { readonly kind: 'layout'; readonly path: string; readonly digest: Digest }

export interface BuilderRequest extends Waiting {
  /** a Dockerfile in a folder of its own, its ignore file beside it as `<dockerfile>.dockerignore` */
  readonly dockerfile: string
  /** stage to build; absent: the last one */
  readonly target: string | undefined
  /** absolute path of the context folder */
  readonly context: string
  /** names that mean something else than what they say, as they stand in the Dockerfile */
  readonly contexts: ReadonlyMap<string, BuilderContext>
  /** images of registries by name, and what the names mean in full; for a builder that can be told */
  readonly pins: ReadonlyMap<string, string>
  /** FROM texts with variables in them, and the names they expand to */
  readonly spellings: ReadonlyMap<string, string>
  readonly args: Readonly<Record<string, string>>
  readonly platform: Platform
  /** seconds since the epoch for everything the build writes, where the builder can */
  readonly epoch: number
  /** do not take steps from the builder's own cache */
  readonly noCache: boolean
  /** some base is in a registry on this machine, which speaks plain HTTP */
  readonly hasLoopbackBase: boolean
  /** an empty folder for files in between */
  readonly scratch: string
  /** where the OCI layout is to be; does not exist yet */
  readonly destination: string
  /** gets what the builder writes, as it comes */
  readonly onOutput: (text: string) => void
}

/** A builder that is there and answers. */
export interface Builder {
  readonly name: BuilderName
  /** for people and for the key of results: `buildctl v0.34.2` */
  readonly description: string
  /** platforms it runs commands for; absent when it does not say */
  readonly platforms: readonly Platform[] | undefined
  /**
   * Builds the stage and leaves an OCI layout. An abort ends it with all it has started here.
   * @throws Failure BUILDER_FAILED with the end of its output
   */
  build(request: BuilderRequest): Promise<void>
}

export interface DetectOptions extends Waiting {
  readonly env: Readonly<Record<string, string | undefined>>
}

/** A builder, or why it cannot be used, such as `is not installed`. */
export type Detected = Builder | { readonly missing: string }
