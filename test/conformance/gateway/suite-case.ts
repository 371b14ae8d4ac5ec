import type { KubeManifest } from './objects.ts'
import type { World } from './world.ts'

/** One official test. Its objects are there before `run` and gone after it. */
export interface SuiteCase<Place extends World = World> {
  readonly name: string
  readonly objects?: readonly KubeManifest[]
  readonly run: (world: Place) => void | Promise<void>
}
