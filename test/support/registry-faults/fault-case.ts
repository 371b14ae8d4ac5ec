/** A row of the table of docs/registry-faults.md: a fault, the situation it meets, and words to write rows with. */
import type { RegistryOptions } from '../../../src/registry/index.ts'
import type { Fault, FaultAction, Purpose } from './faults.ts'
import type { FaultRegistryOptions } from './server.ts'

export interface FaultCase {
  /** of the golden file */
  readonly name: string
  readonly group: FaultGroup
  /** what goes wrong, in a few words */
  readonly fault: string
  /** what is going on; default `push` */
  readonly situation?: Situation
  readonly server: FaultRegistryOptions
  readonly client?: RegistryOptions
  /** bytes of the layer's content, default a few */
  readonly layerBytes?: number
  /** platforms of the image, default one */
  readonly platforms?: 1 | 2
  /** whether the name moves; default: when all is well */
  readonly isNamed?: boolean
  /** what becomes of it: all is well, or the code of the error */
  readonly outcome:
    | 'pushed'
    | 'read'
    | 'REGISTRY_REFUSED'
    | 'REGISTRY_UNREACHABLE'
    | 'REGISTRY_UNAUTHORIZED'
    | 'CONTENT_MISMATCH'
}

export const faultGroups = {
  connections: 'Connections',
  overload: 'Overload',
  sizes: 'Sizes and chunks',
  sessions: 'Sessions and commits',
  permissions: 'Permissions',
  mounts: 'Mounts',
  manifests: 'Manifests and tags',
  places: 'Other addresses',
  reading: 'Reading',
} as const
export type FaultGroup = keyof typeof faultGroups

/**
 * `push`: an image under one name; `two repositories`: the same under two names; `sealed base`: its layer comes from a
 * base in a repository of the same registry; `tag there`: its tag names it already; `tag taken`: its tag names another
 * image; `read`: a layer is read
 */
export type Situation = 'push' | 'two repositories' | 'sealed base' | 'tag there' | 'tag taken' | 'read'

export const mebibyte = 1 << 20
export const always = 99

export const answer = (
  status: number,
  code = '',
  message = '',
  headers: Record<string, string> = {},
): FaultAction => ({
  kind: 'answer',
  status,
  headers,
  body: code === '' ? '' : JSON.stringify({ errors: [{ code, message }] }),
})
export const on = (purpose: Purpose, act: FaultAction, times = 1): { faults: Fault[] } => ({
  faults: [{ on: purpose, act, times }],
})
export const bearer = { scheme: 'bearer' } as const
export const impatient: RegistryOptions = {
  timeouts: { answerTimeoutMs: 1000, commitTimeoutMs: 1000, idleTimeoutMs: 1000 },
}
export const later = { 'retry-after': '7' }
