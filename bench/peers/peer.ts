/** What the benchmark asks of another builder: one Dockerfile built and pushed at a time. */
import type { Waiting } from '../../src/base/index.ts'

export interface PeerBuild {
  /** absolute path */
  readonly dockerfile: string
  /** folder, as `stageContext` makes it */
  readonly context: string
  readonly args: Readonly<Record<string, string>>
  /** such as `linux/amd64` */
  readonly platforms: readonly string[]
  /** where it is pushed; the registry is on loopback and speaks plain HTTP */
  readonly reference: string
}

export interface Peer extends AsyncDisposable {
  /** name and version, for the table of results */
  readonly name: string
  /** builds for all platforms and pushes the result under the reference; returns wall seconds */
  build(build: PeerBuild, options?: Waiting): Promise<number>
  /** forgets everything it has cached about earlier builds */
  clear(): Promise<void>
}

export interface PeerOptions extends Waiting {
  /** `127.0.0.1:5000`: a registry that speaks plain HTTP */
  readonly registry: string
}

/** Wall seconds of some work. */
export async function wallSeconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}
