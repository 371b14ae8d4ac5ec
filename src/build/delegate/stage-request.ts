/** A stage that is handed to a builder: everything its result depends on. */
import type { Place } from '../../base/index.ts'
import type { Platform } from '../../oci/index.ts'
import type { BaseImage } from '../base/base-image.ts'
import type { DelegateChoice } from './choice.ts'
import type { DockerfileCopy } from './dockerfile-copy.ts'
import type { ReadTree } from './tree-digest.ts'

/** A context as a tree, and the folder it is made of if it is one. */
export interface StageContext extends ReadTree {
  readonly folder: string | undefined
  /** names the tree answers to without listing them */
  readonly aliases: readonly string[]
  /** host path of the ignore rules that hold for it */
  readonly ignoreFile: string | undefined
}

/** A name in the Dockerfile that stands for an image. */
export interface StageBase {
  /** as in the Dockerfile, expanded */
  readonly name: string
  /** as it is written */
  readonly written: string
  /** what it stands for: in full, by digest where that is known */
  readonly reference: string
  /** the user gave the name a meaning of its own (`--build-context NAME=docker-image://...`) */
  readonly isContext: boolean
  readonly platform: Platform
  readonly image: BaseImage
}

export interface StageRequest {
  readonly choice: DelegateChoice
  /** of the build it belongs to, such as `proxy debug linux/amd64` */
  readonly build: string
  /** such as `stage "build"` */
  readonly label: string
  /** of the RUN that makes a builder necessary */
  readonly at: Place
  readonly dockerfile: DockerfileCopy
  readonly platform: Platform
  /** platforms that commands are run for */
  readonly runPlatforms: readonly Platform[]
  readonly args: Readonly<Record<string, string>>
  /** absent when nothing of the stage can read it */
  readonly context: StageContext | undefined
  /** named contexts that are folders */
  readonly folders: ReadonlyMap<string, StageContext>
  readonly bases: readonly StageBase[]
  /** seconds since the epoch */
  readonly epoch: number
  /** false when it reads what can change unseen, such as an address: then the builder is asked every time */
  readonly isRepeatable: boolean
}

/** Has a stage built. @throws Failure BUILDER_NOT_FOUND | BUILDER_FAILED | BUILDER_PLATFORM */
export type DelegateStage = (request: StageRequest) => Promise<BaseImage>
