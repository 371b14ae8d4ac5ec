/** Facts of layers, each looked for once: in this run by this object, between runs by files named by diff id. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { once, type Waiting } from '../../../base/index.ts'
import { digestHex } from '../../../oci/index.ts'
import { cachePath, writeFileAtomically } from '../../../store/index.ts'
import type { BuiltLayer } from '../../layers.ts'
import type { FileFacts, LayerFacts } from './facts.ts'
import { scanBlob, scanRecipe } from './scan-layer.ts'

export interface LayerFactsOptions extends Waiting {
  /** folder of the cache */
  readonly cache: string
}

export function newLayerFacts({
  cache,
  signal,
}: LayerFactsOptions): (layer: BuiltLayer) => Promise<LayerFacts> {
  const share = once<string, LayerFacts>()
  return (layer) =>
    share(layer.diffId, async () => {
      const path = join(cachePath(cache, 'packages'), `${digestHex(layer.diffId)}.json`)
      const kept = await readFacts(path)
      if (kept) return kept
      const facts = layer.recipe
        ? scanRecipe(await layer.recipe(), { signal })
        : await scanBlob(layer.blob, { signal, description: `layer ${layer.diffId}` })
      // Of a layer that may have changed since it was hashed nothing is remembered.
      if (layer.isProven || !layer.recipe) await keepFacts(path, facts)
      return facts
    })
}

/** A cache that cannot be written only costs time. */
async function keepFacts(path: string, facts: LayerFacts): Promise<void> {
  await writeFileAtomically(path, JSON.stringify([...facts])).catch(() => undefined)
}

async function readFacts(path: string): Promise<LayerFacts | undefined> {
  try {
    return new Map(JSON.parse(await readFile(path, 'utf8')) as [string, FileFacts][])
  } catch {
    // missing or cut: it is made again from the layer
    return undefined
  }
}
