/**
 * The command after each good round. One at a time: a round that ends while it runs has it run once more afterwards, for
 * all images of the rounds between, so that no deployment is cut off in the middle.
 */
import { runGroup } from '../build/index.ts'

export interface RoundImage {
  readonly image: string
  readonly variant: string | undefined
  /** in full, without digests */
  readonly names: readonly string[]
  readonly digest: string
  /** the first name with the digest, or the digest alone */
  readonly reference: string
}

export interface GoodRound {
  readonly number: number
  /** absolute paths */
  readonly changed: readonly string[]
  readonly images: readonly RoundImage[]
}

export interface ThenCommand {
  readonly start: (round: GoodRound) => void
  /** Ends it if it runs, and everything that it started. */
  readonly stop: () => Promise<void>
}

/** @param onFailure told how it ended when that was not with 0 */
export function thenCommand(command: string, onFailure: (how: string) => void): ThenCommand {
  const stopping = new AbortController()
  let waiting: GoodRound | undefined
  let running: Promise<void> | undefined

  const run = async (round: GoodRound): Promise<void> => {
    try {
      const { status, signal } = await runGroup(['sh', '-c', command], {
        writesThrough: true,
        signal: stopping.signal,
        env: { ...process.env, ...environment(round) },
      })
      if (status !== 0) onFailure(status === null ? `was ended by ${signal}` : `exit status ${status}`)
    } catch (error) {
      if (!stopping.signal.aborted) onFailure(error instanceof Error ? error.message : String(error))
    }
  }
  const runAll = async (): Promise<void> => {
    for (let round = waiting; round && !stopping.signal.aborted; round = waiting) {
      waiting = undefined
      await run(round)
    }
    running = undefined
  }
  return {
    start(round) {
      waiting = waiting ? merged(waiting, round) : round
      running ??= runAll()
    },
    async stop() {
      stopping.abort()
      await running
    },
  }
}

function environment({ number, changed, images }: GoodRound): Record<string, string> {
  return {
    SLIPWAY_ROUND: String(number),
    SLIPWAY_CHANGED: changed.join('\n'),
    SLIPWAY_IMAGES: images.map(({ reference }) => reference).join(' '),
    SLIPWAY_IMAGES_JSON: JSON.stringify(images),
  }
}

function merged(before: GoodRound, after: GoodRound): GoodRound {
  const keyOf = ({ image, variant }: RoundImage) => `${image} ${variant ?? ''}`
  const images = new Map([...before.images, ...after.images].map((image) => [keyOf(image), image]))
  return {
    number: after.number,
    changed: [...new Set([...before.changed, ...after.changed])].toSorted(),
    images: [...images.values()],
  }
}
