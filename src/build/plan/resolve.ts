/** From a plan and what the command line picks to the builds to do. Pure. */
import { resolve } from 'node:path'
import { Failure } from '../../base/index.ts'
import { formatPlatform, hostPlatform, samePlatform, type Platform } from '../../oci/index.ts'
import { resolveContext } from '../base/layout-context.ts'
import type { DelegateChoice, DelegateSetting } from '../delegate/choice.ts'
import { createCommands, type Commands, type CommandUser } from './commands.ts'
import { contextFiles } from './context-files.ts'
import { expand, type Scope } from './expand.ts'
import type {
  Plan,
  PlanFile,
  PlanImage,
  PlanTarget,
  PlanText,
  PlanWarning,
  ResolvedImage,
  ResolvedPlan,
  ResolvedPlatform,
  Selection,
} from './model.ts'
import { choosePlatforms, type Platforms } from './platforms.ts'
import { chosenNames, fullReferences, planReferences, writtenReferences, type Names } from './references.ts'
import type { ReleaseRules } from './release-rules.ts'
import { createScopes, type Scopes } from './scopes.ts'
import { findImage, selectedImages } from './selected-images.ts'
import { checkVariants, variantBuilds, type VariantBuild } from './variant-builds.ts'

export interface ResolveOptions {
  /** the platform of this machine; default: that of this process */
  readonly host?: Platform
  /** whether this machine runs commands for a platform, by its processor or by emulation; default: only its own */
  readonly runs?: (platform: Platform) => boolean
}

/**
 * The builds of the selected images. Variables of what is not selected are not looked at.
 * @throws Failure PLAN_SELECTION | PLAN_INVALID | PLATFORM_INVALID | REFERENCE_INVALID
 */
export function resolvePlan(
  plan: Plan,
  selection: Selection = {},
  options: ResolveOptions = {},
): ResolvedPlan {
  const warnings: PlanWarning[] = [...plan.warnings]
  const warn = (warning: PlanWarning) => {
    const isKnown = warnings.some(
      ({ message, at }) => message === warning.message && at?.line === warning.at?.line,
    )
    if (!isKnown) warnings.push(warning)
  }
  const askedVariants = selection.variants ?? plan.defaults.variants
  if (askedVariants) checkVariants(plan, askedVariants)
  const scopes = createScopes(plan, selection, warn)
  const names = chosenNames(plan, selection, scopes)
  const host = options.host ?? hostPlatform()
  const platforms = choosePlatforms(plan, selection, scopes, {
    host,
    runs: options.runs ?? ((platform) => samePlatform(platform, host)),
    warn,
  })
  const builds = selectBuilds(plan, selection, askedVariants, { platforms, warn })
  let users: CommandUser[] | undefined
  const commands = createCommands(
    plan,
    scopes,
    () => (users ??= builds.flatMap((build) => usersOf(build, scopes))),
  )
  const context: Resolution = { plan, selection, scopes, names, platforms, commands }
  const resolved = new Map<string, ResolvedImage>()
  const resolveBuild = (build: Build) => {
    const key = `${build.image.name}\n${build.variant?.name ?? ''}`
    const known = resolved.get(key)
    if (known) return known
    const image = resolveOne(context, build)
    resolved.set(key, image)
    return image
  }
  const images = builds.map(resolveBuild)
  return {
    root: plan.root,
    file: plan.file,
    platforms: platforms.all,
    commands: commands.all(),
    images,
    planReferences: planReferences(plan, names, scopes),
    resolveImage: (target) =>
      resolved.get(`${target.image}\n${target.variant ?? ''}`) ??
      resolveBuild(unselectedBuild(plan, target, platforms)),
    release: plan.release && resolveRules(plan.release, scopes),
    warnings,
  }
}

function resolveRules(rules: ReleaseRules, scopes: Scopes): ReleaseRules {
  const { protectedHubs = [] } = rules
  const expanded = protectedHubs.map((hub) => ({ ...hub, text: expand(hub, scopes.plan).text }))
  return { ...rules, protectedHubs: expanded }
}

interface Build extends VariantBuild {
  readonly image: PlanImage
  readonly platforms: readonly Platform[]
}

interface Resolution {
  readonly plan: Plan
  readonly selection: Selection
  readonly scopes: Scopes
  readonly names: Names
  readonly platforms: Platforms
  readonly commands: Commands
}

function selectBuilds(
  plan: Plan,
  selection: Selection,
  askedVariants: readonly string[] | undefined,
  { platforms, warn }: { readonly platforms: Platforms; readonly warn: (warning: PlanWarning) => void },
): Build[] {
  const named = new Set(selection.images)
  return selectedImages(plan, selection.images).flatMap((image) => {
    const leaveOut = (message: string) => {
      if (named.has(image.name)) throw new Failure('PLAN_SELECTION', message, { at: image.at })
      warn({ message, at: image.at })
      return []
    }
    const own = platforms.of(image)
    if (own.length === 0)
      return leaveOut(
        `${image.name} is not built: it cannot be for ${platforms.all.map(formatPlatform).join(', ')}`,
      )
    const builds = variantBuilds(plan, image, askedVariants)
    if (builds.length === 0)
      return leaveOut(`${image.name} is not built: it has no variant ${askedVariants?.join(' or ')}`)
    return builds.map((build) => ({ ...build, image, platforms: own }))
  })
}

function unselectedBuild(plan: Plan, target: PlanTarget, platforms: Platforms): Build {
  const image = findImage(plan, target.image)
  const build = variantBuilds(plan, image).find(({ variant }) => variant?.name === target.variant)
  if (!build)
    throw new Failure(
      'PLAN_SELECTION',
      `${image.name} has no variant "${target.variant ?? 'without a name'}"`,
      { at: image.at },
    )
  const own = platforms.of(image)
  if (own.length === 0)
    throw new Failure(
      'PLAN_SELECTION',
      `${image.name} is needed but cannot be built for ${platforms.all.map(formatPlatform).join(', ')}`,
      { at: image.at },
    )
  return { ...build, image, platforms: own }
}

function usersOf({ image, variant, platforms }: Build, scopes: Scopes): CommandUser[] {
  const args = scopes.args(image, variant)
  return platforms.map((platform) => ({ image, platform, scope: scopes.platform(args, platform) }))
}

function resolveOne(context: Resolution, build: Build): ResolvedImage {
  const { plan, selection, scopes, names } = context
  const { image, variant, platforms } = build
  const args = scopes.args(image, variant)
  // Istio's docker-builder reads its whole file for a platform; for what all platforms share, that is the first.
  const scope = plan.format === 'istio' ? scopes.platform(args, platforms[0]) : scopes.image(args)
  const target = image.target ?? variant?.target
  return {
    name: image.name,
    variant: variant?.name,
    tags: image.references
      ? writtenReferences(image.references)
      : fullReferences(image.name, names, build.suffixes),
    base: image.isBase,
    dockerfile: resolve(plan.root, expand(image.dockerfile, scope).text),
    dockerfileAt: image.dockerfile.at,
    dockerfileInline: image.dockerfileInline?.text,
    target: target && expand(target, scope).text,
    args: sorted(args),
    // Arguments of a bake file are often those of many targets, and not every Dockerfile takes them all.
    ownArgs: plan.format === 'slipway' ? [...image.args.keys()] : [],
    labels: sorted([
      ...expandMap([...plan.labels, ...image.labels], scope),
      ...Object.entries(selection.labels ?? {}),
    ]),
    annotations: sorted(expandMap([...plan.annotations, ...image.annotations], scope)),
    capabilities: sorted(expandMap([...image.capabilities], scope)),
    platforms: usersOf(build, scopes).map((user) => resolvePlatform(context, user)),
    delegate: selection.delegate ?? allowedBuilder(image.delegate ?? plan.delegate),
    outputs: image.outputs,
    commandFields: image.commandFields,
    attest: image.attest ?? plan.release?.attest,
    noCache: image.noCache,
    call: image.call,
    at: image.at,
  }
}

function allowedBuilder(setting: DelegateSetting | undefined): DelegateChoice | undefined {
  return setting === 'never' ? undefined : setting
}

function resolvePlatform({ plan, commands }: Resolution, user: CommandUser): ResolvedPlatform {
  const { image, platform, scope } = user
  const { root } = plan
  const folder = image.context && resolve(root, expand(image.context, scope).text)
  const outputs = image.artifacts.flatMap(
    ({ text }) => plan.artifacts.find(({ name }) => name === text)!.outputs,
  )
  const listed: PlanFile[] = [
    ...image.files,
    ...[...image.targets, ...outputs].map((from) => ({ from, to: undefined })),
  ]
  return {
    platform,
    files: folder ? undefined : contextFiles(listed, scope, { root, architecture: platform.architecture }),
    context: folder,
    contexts: sorted(
      Array.from(
        image.contexts,
        ([name, text]) => [name, resolveContext(root, expand(text, scope).text)] as const,
      ),
    ),
    needs: commands.of(user),
  }
}

function expandMap(
  entries: readonly (readonly [string, PlanText])[],
  scope: Scope,
): (readonly [string, string])[] {
  return Array.from(new Map(entries), ([key, text]) => [key, expand(text, scope).text] as const)
}

/** An object with keys in byte order, the later entry winning. */
function sorted(entries: Iterable<readonly [string, string]>): Record<string, string> {
  return Object.fromEntries(Array.from(new Map(entries)).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
