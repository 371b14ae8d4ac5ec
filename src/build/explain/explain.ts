/** Two records of a build compared: why its layers are new. Pure but for the recipes it asks for. */
import type { Recipe } from '../../layer/index.ts'
import type { BuildChange, ExplainedLayer, LayerReason } from './change.ts'
import { compareRecipes } from './compare-recipes.ts'
import type { BuildRecord, RecordedLayer } from './record.ts'

export interface ExplainOptions {
  readonly before: BuildRecord | undefined
  readonly now: BuildRecord
  /** layers that were read in this run, by diff id */
  readonly hashed: ReadonlySet<string>
  /** recipes of this build, by diff id */
  readonly recipes: ReadonlyMap<string, Recipe>
  readonly recipeOf: (key: string) => Recipe | undefined
  /** `--no-cache` */
  readonly isUncached: boolean
  readonly prunedAt?: string | undefined
}

export interface Explanation {
  /** when the build was made that this one is compared with, RFC 3339 */
  readonly since?: string
  readonly changes: readonly BuildChange[]
  /** those that are new or were hashed */
  readonly layers: readonly ExplainedLayer[]
}

export function explain(options: ExplainOptions): Explanation {
  const { before, now } = options
  const known = new Set(before?.layers.map(({ diffId }) => diffId))
  const earlier = matchLayers(before?.layers ?? [], now.layers)
  const layers = now.layers.flatMap((layer, index): ExplainedLayer[] => {
    const isHashed = options.hashed.has(layer.diffId)
    if (layer.isBase || (!isHashed && known.has(layer.diffId))) return []
    const then = earlier[index]
    return [
      {
        digest: layer.diffId,
        before: then && then.diffId !== layer.diffId ? then.diffId : undefined,
        state: isHashed ? 'hashed' : 'known',
        instruction: layer.instruction,
        file: layer.file,
        line: layer.line,
        reasons: before ? layerReasons(then, layer, options) : firstReasons(options),
      },
    ]
  })
  if (!before) return { changes: [{ kind: 'first-build', prunedAt: options.prunedAt }], layers }
  return { since: before.at, changes: buildChanges(before, now), layers }
}

/** The earlier layer at the same instruction: by its words, else by its line, each at most once. */
function matchLayers(
  before: readonly RecordedLayer[],
  now: readonly RecordedLayer[],
): (RecordedLayer | undefined)[] {
  const free = new Set(before.filter(({ isBase }) => !isBase))
  const found = new Map<RecordedLayer, RecordedLayer>()
  const same: ((then: RecordedLayer, layer: RecordedLayer) => boolean)[] = [
    (then, layer) => then.instruction === layer.instruction && then.line === layer.line,
    (then, layer) => then.instruction === layer.instruction,
    (then, layer) => then.line !== undefined && then.file === layer.file && then.line === layer.line,
  ]
  for (const isSame of same) {
    for (const layer of now) {
      if (layer.isBase || found.has(layer)) continue
      const then = [...free].find((each) => isSame(each, layer))
      if (!then) continue
      free.delete(then)
      found.set(layer, then)
    }
  }
  return now.map((layer) => found.get(layer))
}

function firstReasons({ isUncached }: ExplainOptions): LayerReason[] {
  return isUncached ? [{ kind: 'no-cache' }] : []
}

function layerReasons(
  then: RecordedLayer | undefined,
  layer: RecordedLayer,
  { recipes, recipeOf, isUncached }: ExplainOptions,
): LayerReason[] {
  if (!then) return [{ kind: 'new-instruction' }]
  if (then.key === layer.key) {
    if (isUncached) return [{ kind: 'no-cache' }]
    return [{ kind: then.isProven ? 'forgotten' : 'written-moments-before' }]
  }
  const old = then.key === undefined ? undefined : recipeOf(then.key)
  const recipe = recipes.get(layer.diffId)
  return old && recipe ? compareRecipes(old, recipe) : [{ kind: 'forgotten' }]
}

function buildChanges(before: BuildRecord, now: BuildRecord): BuildChange[] {
  return [
    ...(before.program === now.program
      ? []
      : [{ kind: 'program' as const, before: before.program, now: now.program }]),
    ...(before.stage === now.stage ? [] : [{ kind: 'stage' as const, before: before.stage, now: now.stage }]),
    ...namedChanges(before.args, now.args).map(({ name, how }) => ({ kind: 'argument' as const, name, how })),
    ...textChanges(before, now),
    ...baseChanges(before, now),
    ...namedChanges(envOf(before.env), envOf(now.env)).map(({ name, before: then, now: value }) => ({
      kind: 'env' as const,
      name,
      before: then,
      now: value,
    })),
    ...namedChanges(before.labels, now.labels).map(({ name, before: then, now: value }) => ({
      kind: 'label' as const,
      name,
      before: then,
      now: value,
    })),
  ]
}

interface NamedChange {
  readonly name: string
  readonly how: 'added' | 'removed' | 'changed'
  readonly before?: string | undefined
  readonly now?: string | undefined
}

type Named = Readonly<Record<string, string>>

function namedChanges(before: Named, now: Named): NamedChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)])
  return [...names].flatMap((name): NamedChange[] => {
    const [then, value] = [before[name], now[name]]
    if (then === value) return []
    return [
      {
        name,
        how: then === undefined ? 'added' : value === undefined ? 'removed' : 'changed',
        before: then,
        now: value,
      },
    ]
  })
}

function envOf(list: readonly string[]): Named {
  return Object.fromEntries(
    list.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  )
}

function textChanges(before: BuildRecord, now: BuildRecord): BuildChange[] {
  const paths = new Set([...Object.keys(before.texts), ...Object.keys(now.texts)])
  return [...paths].flatMap((file): BuildChange[] => {
    const [then, text] = [before.texts[file] ?? undefined, now.texts[file] ?? undefined]
    if (then === text) return []
    if (file.endsWith('.dockerignore')) {
      const how = then === undefined ? 'added' : text === undefined ? 'removed' : 'changed'
      return [{ kind: 'ignore-rules', file, how }]
    }
    const [a, b] = [(then ?? '').split('\n'), (text ?? '').split('\n')]
    const index = b.findIndex((line, at) => line !== a[at])
    const line = index < 0 ? b.length : index
    return [{ kind: 'dockerfile', file, line: line + 1, before: a[line] ?? '', now: b[line] ?? '' }]
  })
}

function baseChanges(before: BuildRecord, now: BuildRecord): BuildChange[] {
  return now.bases.flatMap(({ name, platform, digests }): BuildChange[] => {
    const then = before.bases.find((base) => base.name === name && base.platform === platform)
    if (!then || then.digests === digests) return []
    return [{ kind: 'base', name, before: lastDigest(then.digests), now: lastDigest(digests) }]
  })
}

/** Of the manifest for the platform. */
function lastDigest(digests: string): string {
  return digests.split(' ').at(-1) ?? digests
}
