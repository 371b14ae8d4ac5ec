/** Files that objects name, such as certificates of an Istio Gateway: read while objects are translated, then followed. */
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Waiting } from '../../base/index.ts'

export interface NamedFiles {
  /** the text; nothing when it cannot be read */
  readonly read: (path: string) => string | undefined
  /** all that were read since `forget` */
  readonly paths: () => string[]
  readonly forget: () => void
  /** What they hold now is what is served. */
  readonly remember: () => void
  /**
   * Whether they hold what is served. Where they do not, waits until two looks are the same, 1 s at most: a key and its
   * certificate are replaced one after the other, and what is between must not be served.
   */
  readonly isAsServed: (options?: Waiting) => Promise<boolean>
}

export function newNamedFiles(): NamedFiles {
  const paths = new Set<string>()
  let served = ''
  const read = (path: string): string | undefined => {
    paths.add(path)
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return undefined
    }
  }
  const texts = (): string => JSON.stringify([...paths].map((path) => [path, read(path)]))
  return {
    read,
    paths: () => [...paths],
    forget: () => paths.clear(),
    remember: () => void (served = texts()),
    async isAsServed({ signal } = {}) {
      let now = texts()
      for (let looks = 0; now !== served && looks < 10; looks++) {
        await delay(100, undefined, { ...(signal && { signal }) })
        const next = texts()
        if (next === now) break
        now = next
      }
      return now === served
    },
  }
}
