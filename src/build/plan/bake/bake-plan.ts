/** Targets of bake and compose files as images of a plan. */
import { isAbsolute, join } from 'node:path'
import { Failure, type Place } from '../../../base/index.ts'
import { formatPlatform, hostPlatform } from '../../../oci/index.ts'
import type { Plan, PlanImage, PlanText, PlanWarning } from '../model.ts'
import { formatEntry } from './entries.ts'
import { readTargetAttest } from './target-attest.ts'
import { fieldOf, type FieldName } from './fields.ts'
import type { ResolvedBake } from './resolve-target.ts'
import { entriesOf, flagOf, pairsOf, placeOfField, textOf, textsOf, type BakeTarget } from './target.ts'

export interface BakePlanStart extends Pick<Plan, 'root' | 'env' | 'file'> {
  readonly warnings: readonly PlanWarning[]
}

/** @throws Failure PLAN_INVALID for a field that cannot be honoured */
export function bakePlan({ targets, linked, groups }: ResolvedBake, start: BakePlanStart): Plan {
  const warnings = [
    ...start.warnings,
    ...cacheWarnings(targets),
    ...[...targets.values()].flatMap((target) => readTargetAttest(target).warnings),
  ]
  const asked = [...targets.keys()].filter((name) => !linked.has(name))
  return {
    format: 'bake',
    ...start,
    hubs: [],
    tags: [],
    platforms: [],
    args: new Map(),
    labels: new Map(),
    annotations: new Map(),
    variants: [],
    artifacts: [],
    images: Array.from(targets.values(), (target) => imageOf(target, linked.has(target.name))),
    delegate: undefined,
    groups: new Map(
      Array.from(groups)
        .filter(([name]) => !targets.has(name))
        .map(
          ([name, group]) =>
            [name, group.targets.map((text) => ({ text, at: noPlace(start.file) }))] as const,
        ),
    ),
    defaults: { images: asked },
    warnings,
  }
}

function noPlace(file: string): Place {
  return { file, line: 1, column: 1 }
}

function imageOf(target: BakeTarget, isLinked: boolean): PlanImage {
  const literal = (text: string, name: FieldName): PlanText => ({
    text,
    at: placeOfField(target, name),
    isLiteral: true,
  })
  const texts = (name: FieldName) => textsOf(target, name).map((text) => literal(text, name))
  const pairs = (name: FieldName) =>
    new Map(Array.from(pairsOf(target, name), ([key, text]) => [key, literal(text, name)] as const))
  const context = localPath(target, 'context', textOf(target, 'context') ?? '.')
  const inline = textOf(target, 'dockerfile-inline')
  const stage = textOf(target, 'target')
  const platforms = texts('platforms')
  checkPolicy(target)
  return {
    name: target.name,
    dockerfile: literal(dockerfileOf(target, context), 'dockerfile'),
    ...(inline !== undefined && { dockerfileInline: literal(inline, 'dockerfile-inline') }),
    context: literal(context, 'context'),
    files: [],
    targets: [],
    artifacts: [],
    contexts: new Map(
      Array.from(
        pairsOf(target, 'contexts'),
        ([name, text]) => [name, literal(withoutScheme(text), 'contexts')] as const,
      ),
    ),
    variants: [],
    platforms: platforms.length === 0 ? undefined : platforms.map(ofThisMachine),
    target: stage === undefined || stage === '' ? undefined : literal(stage, 'target'),
    args: pairs('args'),
    labels: pairs('labels'),
    annotations: annotationsOf(target),
    capabilities: new Map(),
    isBase: isLinked,
    emulationRequired: false,
    delegate: undefined,
    references: texts('tags'),
    outputs: target.fields.has('output')
      ? entriesOf(target, 'output').map((entry) => literal(formatEntry(entry), 'output'))
      : undefined,
    commandFields: commandFields(target),
    ...(target.fields.has('attest') && { attest: readTargetAttest(target).options }),
    noCache: flagOf(target, 'no-cache') || textsOf(target, 'no-cache-filter').length > 0,
    call: textOf(target, 'call') ?? 'build',
    at: target.at,
  }
}

/** `local` is the platform of this machine. */
function ofThisMachine(text: PlanText): PlanText {
  return text.text === 'local' ? { ...text, text: formatPlatform(hostPlatform()) } : text
}

/** Relative to the context, as Docker has it. */
function dockerfileOf(target: BakeTarget, context: string): string {
  const dockerfile = textOf(target, 'dockerfile') || 'Dockerfile'
  const local = localPath(target, 'dockerfile', dockerfile)
  return isAbsolute(local) || local !== dockerfile ? local : join(context, local)
}

/** `cwd://` is the working directory, which paths are relative to anyway. */
function withoutScheme(text: string): string {
  return text.startsWith('cwd://') ? text.slice('cwd://'.length) || '.' : text
}

/** @throws Failure CONTEXT_INVALID for what is no folder of this machine */
function localPath(target: BakeTarget, name: FieldName, text: string): string {
  if (!/^(?:https?|git|ssh):\/\/|^git@|^-$|^(?:target|service|docker-image|oci-layout):/.test(text))
    return withoutScheme(text)
  throw new Failure(
    'CONTEXT_INVALID',
    `the ${name} of "${target.name}" is "${text}", which is not on this machine`,
    {
      at: placeOfField(target, name),
      hint: `clone or unpack it and name the folder: --set ${target.name}.${name}=PATH`,
    },
  )
}

function annotationsOf(target: BakeTarget): ReadonlyMap<string, PlanText> {
  const at = placeOfField(target, 'annotations')
  return new Map(
    textsOf(target, 'annotations').map((text) => {
      const equals = text.indexOf('=')
      if (equals > 0)
        return [text.slice(0, equals), { text: text.slice(equals + 1), at, isLiteral: true }] as const
      throw new Failure('PLAN_INVALID', `the annotation "${text}" is not key=value`, { at })
    }),
  )
}

/** Fields that matter to commands only, for a target that hands some to a builder. */
function commandFields(target: BakeTarget): { readonly field: string; readonly at: Place }[] {
  return [...target.fields.keys()]
    .filter((name) => fieldOf(name).treatment === 'commands' && isSet(target, name))
    .map((field) => ({ field, at: placeOfField(target, field) }))
}

function isSet(target: BakeTarget, name: FieldName): boolean {
  const value = target.fields.get(name)
  if (typeof value === 'string') return value !== '' && !(name === 'network' && value === 'default')
  if (typeof value === 'object') return 'size' in value ? value.size > 0 : value.length > 0
  return value === true
}

/** A policy forbids sources; to leave it out would allow them. */
function checkPolicy(target: BakeTarget): void {
  if (entriesOf(target, 'policy').every((entry) => entry['disabled'] === 'true')) return
  throw new Failure(
    'PLAN_INVALID',
    `the policy of "${target.name}" cannot be honoured: Slipway has no source policies`,
    {
      at: placeOfField(target, 'policy'),
      hint: `build without it: --set ${target.name}.policy=disabled=true`,
    },
  )
}

function cacheWarnings(targets: ReadonlyMap<string, BakeTarget>): PlanWarning[] {
  const found = [...targets.values()].flatMap((target) =>
    (['cache-from', 'cache-to'] as const)
      .filter((name) => entriesOf(target, name).length > 0)
      .map((name) => placeOfField(target, name)),
  )
  const [at] = found
  if (!at) return []
  return [
    {
      message:
        'cache-from and cache-to are not used: Slipway knows layers by what is in them and needs no build cache',
      at,
    },
  ]
}
