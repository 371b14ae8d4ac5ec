/** Remembered layers hashed again: a digest that is not that of the files it stands for must not stay. */
import { Failure, isAbort, type Tally, type Waiting } from '../../base/index.ts'
import { checkSources, type HashPool, type Recipe } from '../../layer/index.ts'
import { digestHex, shortDigest, type Digest } from '../../oci/index.ts'
import { readLayerLog, rewriteLayerLog } from '../layer-log.ts'
import { openRecipeNotes } from '../recipe-notes.ts'
import { cachePath } from './places.ts'
import type { CacheFault, Checked } from './verify.ts'

export interface VerifyLayersOptions extends Waiting {
  readonly pool: HashPool
  readonly tally: Tally
}

export interface VerifiedLayers {
  readonly checked: Checked
  readonly faults: readonly CacheFault[]
  /** digests that were wrong, as hex */
  readonly wrong: ReadonlySet<string>
  /** layers whose files are others now, or gone: they are never asked for again */
  readonly outdated: number
  /** removed, as nothing is known of their files */
  readonly unproven: number
}

/** @throws Failure FILE_SYSTEM, or the reason of the abort */
export async function verifyLayers(cache: string, options: VerifyLayersOptions): Promise<VerifiedLayers> {
  const path = cachePath(cache, 'layers')
  const notes = openRecipeNotes(cachePath(cache, 'recipes'))
  const faults: CacheFault[] = []
  const wrong = new Set<string>()
  const gone = new Set<string>()
  let [outdated, unproven, entries, bytes] = [0, 0, 0, 0]
  for (const [key, { digest }] of readLayerLog(path).known) {
    options.signal?.throwIfAborted()
    const recipe = notes.read(key)
    if (!recipe) {
      gone.add(key)
      unproven++
      continue
    }
    const now = await hashAgain(recipe, options)
    if (now === undefined) {
      outdated++
      continue
    }
    entries++
    bytes += recipe.size
    if (now === digest) continue
    gone.add(key)
    wrong.add(digestHex(digest))
    faults.push({ part: 'layers', message: describeStale(recipe, digest, now) })
  }
  if (gone.size > 0 && !(await rewriteLayerLog(path, (key) => !gone.has(key))))
    throw new Failure('FILE_SYSTEM', `cannot write ${path}`)
  return { checked: { part: 'layers', entries, bytes }, faults, wrong, outdated, unproven }
}

/** Nothing when its files are not what they were. */
async function hashAgain(
  recipe: Recipe,
  { pool, tally, signal }: VerifyLayersOptions,
): Promise<Digest | undefined> {
  try {
    checkSources(recipe)
    return await pool.hash(recipe, { tally, ...(signal && { signal }) })
  } catch (error) {
    if (isAbort(error) || !(error instanceof Failure)) throw error
    return undefined
  }
}

function describeStale({ entries }: Recipe, then: Digest, now: Digest): string {
  const files = entries.flatMap(({ source }) => (source?.kind === 'file' ? [source.path] : []))
  const [first = 'no file', ...others] = files
  const list = others.length === 0 ? first : `${first} and ${others.length} more`
  return `layer of ${list}: remembered as ${shortDigest(then)}, and is ${shortDigest(now)}`
}
