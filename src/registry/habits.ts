/**
 * What one host has shown that it takes. Learned as a by-product of work that had to be done anyway, kept for the run
 * and between runs, believed for a day. Every habit is only a shorter way: one that has become wrong costs a request
 * or two and is unlearned (`docs/adr/0008-learned-habits.md`).
 */

export interface Habits {
  /** whether `POST ?digest=` with the whole blob is taken; nothing while no config has tried it */
  singlePost?: boolean
  /** largest body of one request, bytes; larger blobs go in chunks; nothing while no body was too large */
  largestBody?: number
  /** whether chunked uploads work; nothing while none was needed */
  chunks?: boolean
  /** `false` when the host mounts nothing at all */
  mounts?: boolean
  /** repositories that must not be named as the source of a mount: the token or the registry refused it */
  sealedSources?: readonly string[]
}

/** Where habits are kept between runs: one small document for a host. Neither call may fail. */
export interface HabitsStore {
  readonly read: (host: string) => Promise<unknown>
  readonly write: (host: string, document: object) => Promise<void>
}

export interface LearnedHabits {
  /** what is known now; nobody but `learn` changes it */
  readonly known: Habits
  /** resolves when what is kept has been read; what was learned meanwhile wins */
  readonly ready: () => Promise<void>
  readonly learn: (habits: Habits) => void
  /** keeps what was learned, if anything was */
  readonly save: () => Promise<void>
}

const version = 1
const believedMs = 86_400_000
const mostSealedSources = 64
const megabyte = 1 << 20

/** Sizes of chunks that are tried, in turn, on a host that refuses a body for its size. */
const chunkSizes = [16 * megabyte, 8 * megabyte, 4 * megabyte, 2 * megabyte, megabyte]

export function learnHabits(
  host: string,
  options: { readonly store?: HabitsStore | undefined; readonly now: () => number },
): LearnedHabits {
  const { store, now } = options
  const known: Habits = {}
  const learned: Habits = {}
  let reading: Promise<void> | undefined
  let isChanged = false
  return {
    known,
    async ready() {
      reading ??= (async () => {
        const kept = parseHabits(await store?.read(host), now())
        Object.assign(known, kept, learned)
      })()
      await reading
    },
    learn(habits) {
      isChanged ||= Object.entries(habits).some(([name, value]) => known[name as keyof Habits] !== value)
      Object.assign(learned, habits)
      Object.assign(known, habits)
    },
    async save() {
      if (!isChanged || !store) return
      isChanged = false
      await store.write(host, { version, learnedAt: now(), ...known })
    },
  }
}

/** The habits in a document; none when it is of another version, too old, or not what we wrote. */
export function parseHabits(document: unknown, now: number): Habits {
  if (typeof document !== 'object' || document === null) return {}
  const fields = document as Record<string, unknown>
  const age = now - Number(fields['learnedAt'])
  if (fields['version'] !== version || !(age >= 0 && age < believedMs)) return {}
  const { singlePost, largestBody, chunks, mounts, sealedSources } = fields
  return {
    ...(typeof singlePost === 'boolean' && { singlePost }),
    ...(Number.isSafeInteger(largestBody) &&
      Number(largestBody) >= megabyte && { largestBody: Number(largestBody) }),
    ...(typeof chunks === 'boolean' && { chunks }),
    ...(typeof mounts === 'boolean' && { mounts }),
    ...(Array.isArray(sealedSources) && {
      sealedSources: sealedSources.filter((one) => typeof one === 'string').slice(-mostSealedSources),
    }),
  }
}

/** The habits after a source was refused: the last ones are kept. */
export function withSealedSource({ sealedSources = [] }: Habits, repository: string): Habits {
  const others = sealedSources.filter((one) => one !== repository)
  return { sealedSources: [...others, repository].slice(-mostSealedSources) }
}

/** The habits after a size was found to be too large, of which several uploads at once may find different ones. */
export function withLargestBody({ largestBody = Infinity }: Habits, size: number): Habits {
  return { largestBody: Math.min(largestBody, size) }
}

/**
 * The next smaller body to try after one of `refused` bytes was too large.
 * Nothing below 1 MiB, or below the least that the host takes as a chunk.
 */
export function smallerBody(refused: number, least = 0): number | undefined {
  const next = chunkSizes.find((size) => size < refused)
  return next !== undefined && next >= least ? next : undefined
}
