/** Facts of the files that an image shows in the end: what a higher layer replaced or removed is gone. */
import { all, comparePathnames, once, type Waiting } from '../../../base/index.ts'
import { layerIndex } from '../../base/image-tree.ts'
import type { BuiltLayer } from '../../layers.ts'
import { emptyTree, overlayTree, type TreeLayer } from '../../overlay.ts'
import type { Node, Tree } from '../../tree.ts'
import type { FileFacts, LayerFacts } from './facts.ts'
import { newLayerFacts } from './layer-facts.ts'

export interface FoundFile {
  /** in the image, without a leading "/" */
  readonly path: string
  readonly facts: FileFacts
  /** the layer that has it */
  readonly layer: BuiltLayer
}

export interface ImageFactsOptions extends Waiting {
  /** folder of the cache */
  readonly cache: string
}

interface SeenLayer {
  readonly changes: TreeLayer
  /** what it changes, by path */
  readonly nodes: ReadonlyMap<string, Node>
  readonly facts: LayerFacts
}

/**
 * Facts of images by their layers, lowest first; the result is in byte order of the paths. Layers and stacks of layers
 * that images share are looked at once.
 * @throws Failure of whatever a layer is read from
 */
export function newImageFacts(
  options: ImageFactsOptions,
): (layers: readonly BuiltLayer[]) => Promise<FoundFile[]> {
  const factsOf = newLayerFacts(options)
  const share = once<string, SeenLayer>()
  const trees = new Map<string, Tree>()
  const look = (layer: BuiltLayer): Promise<SeenLayer> =>
    share(layer.diffId, async () => {
      const changes = layer.recipe
        ? { nodes: (await layer.recipe()).entries }
        : await layerIndex(layer, options.cache)
      const nodes = new Map(changes.nodes.map((node): [string, Node] => [node.path, node]))
      return { changes, nodes, facts: await factsOf(layer) }
    })
  return async (layers) => {
    const seen = await all(layers, look)
    let tree = emptyTree()
    let key = ''
    for (const [index, { changes }] of seen.entries()) {
      key += ` ${layers[index]!.diffId}`
      tree = trees.get(key) ?? overlayTree(tree, changes)
      trees.set(key, tree)
    }
    const found = seen.flatMap(({ facts, nodes }, index) =>
      Array.from(facts, ([path, fact]): FoundFile & { node: Node | undefined } => ({
        path,
        facts: fact,
        layer: layers[index]!,
        node: nodes.get(path),
      })),
    )
    return found
      .filter(({ path, node }) => node !== undefined && tree.lookup(path) === node)
      .toSorted((a, b) => comparePathnames(a.path, b.path))
  }
}
