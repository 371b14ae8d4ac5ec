/** One stage while its instructions are evaluated: its tree, config, variables and layers so far. */
import type { Place } from '../../base/index.ts'
import type { HistoryEntry, ImageConfig, RunConfig } from '../../oci/index.ts'
import type { Recipe } from '../../layer/index.ts'
import type { BuiltLayer } from '../layers.ts'
import { overlayTree } from '../overlay.ts'
import type { Node, Tree } from '../tree.ts'
import { replaceEnv, type Scope } from './scope.ts'

/** A layer that has its bytes elsewhere (a base), or one still to be hashed; `place` is that of its instruction. */
export type StageLayer = BuiltLayer | { readonly recipe: Recipe; readonly place: Place }

export interface StageState {
  tree: Tree
  config: ImageConfig
  readonly scope: Scope
  readonly layers: StageLayer[]
  /** CMD was given in this stage, so ENTRYPOINT does not clear it */
  hasOwnCmd: boolean
}

/** `PATH` of an image whose base sets none, as BuildKit gives it on Linux. */
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** The part of the config that says how a container is run. */
export function runConfig(state: Pick<StageState, 'config'>): RunConfig {
  return (state.config.config ??= {})
}

/** The state a child stage starts from; what the child does leaves the parent as it is. */
export function childState(parent: StageState): StageState {
  return {
    tree: parent.tree,
    config: structuredClone(parent.config),
    scope: parent.scope.clone(),
    layers: [...parent.layers],
    hasOwnCmd: false,
  }
}

/** Gives an image without PATH the default one. */
export function ensurePath(state: StageState): void {
  if (state.scope.get('PATH') !== undefined) return
  const config = runConfig(state)
  config.Env = replaceEnv(config.Env, 'PATH', defaultPath)
  state.scope.set('PATH', defaultPath)
}

export function addHistory(state: StageState, entry: HistoryEntry): void {
  state.config.history = [...(state.config.history ?? []), entry]
}

/** Puts a layer on top of the stage's tree. */
export function addLayer(
  state: StageState,
  layer: Extract<StageLayer, { place: Place }>,
  nodes: Iterable<Node>,
): void {
  state.layers.push(layer)
  state.tree = overlayTree(state.tree, { nodes })
}

/** The shell form of a command: the SHELL with the text as its one last argument. */
export function withShell(state: StageState, text: string): string[] {
  return [...(runConfig(state).Shell ?? ['/bin/sh', '-c']), text]
}
