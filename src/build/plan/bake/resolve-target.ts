/** From targets as they stand to targets as they are built: groups, inheritance, overrides, links between targets. */
import { Failure, failureAt, nearest } from '../../../base/index.ts'
import type { Override } from '../overrides.ts'
import { matchesName } from '../name-pattern.ts'
import { overrideTarget } from './override-target.ts'
import {
  mergeTargets,
  normaliseTarget,
  pairsOf,
  placeOfField,
  textsOf,
  type BakeConfig,
  type BakeGroup,
  type BakeTarget,
} from './target.ts'

export interface ResolvedGroup {
  readonly description?: string
  readonly targets: readonly string[]
}

export interface ResolvedBake {
  /** those asked for, in order, then those they link to */
  readonly targets: ReadonlyMap<string, BakeTarget>
  /** names of targets that only other targets need */
  readonly linked: ReadonlySet<string>
  /** groups that were gone through, and `default` for what was asked for */
  readonly groups: ReadonlyMap<string, ResolvedGroup>
}

export interface ResolveRequest {
  /** names and patterns of targets and groups; none: `default` */
  readonly names: readonly string[]
  readonly overrides: readonly Override[]
  /** for messages */
  readonly file: string
}

/** @throws Failure PLAN_SELECTION | PLAN_INVALID */
export function resolveBake(config: BakeConfig, { names, overrides, file }: ResolveRequest): ResolvedBake {
  const asked = (names.length === 0 ? ['default'] : names).map((name) => name.replaceAll('.', '_'))
  const wanted = [...new Set(asked.flatMap((name) => matchNames(config, name, file)))]
  const resolver = newResolver(config, overrides, file)
  const targets = new Map<string, BakeTarget>()
  const groups = new Map<string, ResolvedGroup>()
  for (const name of wanted) {
    const opened = openGroup(config, name)
    for (const target of opened.targets) targets.set(target, memberOf(opened.groups, target, resolver))
    for (const { name: group, description, targets: members } of opened.groups)
      groups.set(group, { ...(description !== undefined && { description }), targets: members })
  }
  const own = groups.get('default')
  const named = wanted.filter((name) => name !== 'default' || !groups.has('default'))
  groups.set('default', { ...own, targets: [...new Set([...(own?.targets ?? []), ...named])].toSorted() })
  const linked = new Set<string>()
  for (const name of targets.keys()) link(name, { targets, linked, resolve: resolver, path: [] })
  return { targets, linked, groups }
}

/** A target that is asked for, or that a group names. */
function memberOf(
  groups: readonly BakeGroup[],
  name: string,
  resolve: (name: string) => BakeTarget,
): BakeTarget {
  try {
    return resolve(name)
  } catch (error) {
    throw failureAt(error, groups.find(({ targets }) => targets.includes(name))?.at)
  }
}

function matchNames(config: BakeConfig, name: string, file: string): string[] {
  if (!/[*?[\]]/.test(name)) return [name]
  const found = [...config.groups, ...config.targets]
    .map((one) => one.name)
    .filter((one) => matchesName(name, one))
  if (found.length > 0) return found
  throw new Failure('PLAN_SELECTION', `${file} has no target that matches "${name}"`, {
    hint: `it has ${listed(config)}`,
  })
}

interface Opened {
  readonly targets: readonly string[]
  readonly groups: readonly BakeGroup[]
}

/** The targets of a group and of the groups in it; a name that is no group stands for itself. */
function openGroup(config: BakeConfig, name: string, visited = new Map<string, Opened>()): Opened {
  const known = visited.get(name)
  if (known) return known
  const group = config.groups.find((candidate) => candidate.name === name)
  if (!group) return { targets: [name], groups: [] }
  visited.set(name, { targets: [], groups: [] })
  const inner = group.targets.map((target) => ({ target, ...openGroup(config, target, visited) }))
  const opened: Opened = {
    targets: [...new Set(inner.flatMap(({ target, targets }) => (targets.length > 0 ? targets : [target])))],
    groups: [group, ...inner.flatMap(({ groups }) => groups)],
  }
  visited.set(name, opened)
  return opened
}

function newResolver(
  config: BakeConfig,
  overrides: readonly Override[],
  file: string,
): (name: string) => BakeTarget {
  const known = new Map<string, BakeTarget>()
  const resolve = (name: string, path: readonly BakeTarget[]): BakeTarget => {
    const found = known.get(name)
    if (found) return found
    const target = config.targets.find((candidate) => candidate.name === name)
    if (!target) throw unknownTarget(config, name, { file, by: path.at(-1) })
    const index = path.indexOf(target)
    if (index >= 0) {
      const names = [...path.slice(index), target].map((one) => one.name)
      throw new Failure(
        'PLAN_INVALID',
        `targets inherit from each other in a circle: ${names.join(' -> ')}`,
        {
          at: placeOfField(target, 'inherits'),
        },
      )
    }
    const parents = textsOf(target, 'inherits').map((parent) => resolve(parent, [...path, target]))
    const bare: BakeTarget = { ...target, fields: new Map(), places: new Map() }
    const merged = mergeTargets(parents.reduce(mergeTargets, bare), target)
    const own = overrides.filter(({ targets }) => targets.includes(name))
    const resolved = normaliseTarget(overrideTarget(withoutEmptyPairs(merged), own))
    known.set(name, resolved)
    return resolved
  }
  return (name) => resolve(name, [])
}

/** Merging drops names without a value; a target that nothing was merged into goes the same way. */
function withoutEmptyPairs(target: BakeTarget): BakeTarget {
  const fields = new Map(target.fields)
  for (const name of ['args', 'labels', 'extra-hosts'] as const)
    if (fields.has(name)) fields.set(name, pairsOf(target, name))
  return { ...target, fields }
}

function unknownTarget(
  config: BakeConfig,
  name: string,
  from: { file: string; by: BakeTarget | undefined },
): Failure {
  const names = [...config.targets, ...config.groups].map((one) => one.name)
  const suggestion = nearest(name, names)
  const hint = suggestion ? `did you mean "${suggestion}"?` : `it has ${listed(config)}`
  if (!from.by) return new Failure('PLAN_SELECTION', `${from.file} has no target "${name}"`, { hint })
  return new Failure(
    'PLAN_INVALID',
    `the target "${from.by.name}" inherits from "${name}", which is not there`,
    {
      at: placeOfField(from.by, 'inherits'),
      hint,
    },
  )
}

function listed(config: BakeConfig): string {
  const names = [...config.groups, ...config.targets].map((one) => one.name)
  if (names.length === 0) return 'no targets'
  return names.length > 20
    ? `${names.slice(0, 20).join(', ')} and ${names.length - 20} more`
    : names.join(', ')
}

interface Linking {
  readonly targets: Map<string, BakeTarget>
  readonly linked: Set<string>
  readonly resolve: (name: string) => BakeTarget
  readonly path: readonly string[]
}

/** Targets that contexts name (`target:base`) are built too, and go nowhere themselves. */
function link(name: string, linking: Linking): void {
  const target = linking.targets.get(name)!
  const path = [...linking.path, name]
  for (const source of pairsOf(target, 'contexts').values()) {
    if (!source.startsWith('target:')) continue
    const other = source.slice('target:'.length)
    const at = placeOfField(target, 'contexts')
    if (path.includes(other))
      throw new Failure(
        'PLAN_INVALID',
        `contexts of targets need each other in a circle: ${[...path.slice(path.indexOf(other)), other].join(' -> ')}`,
        { at },
      )
    if (!linking.targets.has(other)) {
      linking.linked.add(other)
      linking.targets.set(other, resolveLinked(other, target, linking))
    }
    link(other, { ...linking, path })
    checkPlatforms(target, linking.targets.get(other)!)
  }
}

function resolveLinked(name: string, by: BakeTarget, { resolve }: Linking): BakeTarget {
  try {
    const target = resolve(name)
    const fields = new Map(target.fields)
    fields.set('output', [{ type: 'cacheonly' }])
    return { ...target, fields }
  } catch (error) {
    if (!(error instanceof Failure) || error.at) throw error
    throw new Failure(error.code, error.message, {
      at: placeOfField(by, 'contexts'),
      hint: error.hint,
      cause: error,
    })
  }
}

function checkPlatforms(target: BakeTarget, other: BakeTarget): void {
  const [wanted, has] = [textsOf(target, 'platforms'), textsOf(other, 'platforms')]
  if (wanted.length < 2 || has.length < 2 || wanted.every((platform) => has.includes(platform))) return
  throw new Failure(
    'PLAN_INVALID',
    `the target "${target.name}" is for ${wanted.join(', ')}, but "${other.name}", which it needs, only for ${has.join(', ')}`,
    { at: placeOfField(target, 'platforms') },
  )
}
