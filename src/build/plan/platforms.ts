/** Platforms of a run and of each image. */
import { Failure, failureAt, nearest } from '../../base/index.ts'
import { formatPlatform, parsePlatform, samePlatform, type Platform } from '../../oci/index.ts'
import { expand } from './expand.ts'
import type { Plan, PlanImage, PlanText, PlanWarning, Selection } from './model.ts'
import type { Scopes } from './scopes.ts'

export interface Platforms {
  /** those of the run */
  readonly all: readonly Platform[]
  /** those of an image; may be none */
  readonly of: (image: PlanImage) => readonly Platform[]
}

/** @throws Failure PLAN_SELECTION | PLATFORM_INVALID */
export function choosePlatforms(
  plan: Plan,
  selection: Selection,
  scopes: Scopes,
  {
    host,
    runs,
    warn,
  }: {
    readonly host: Platform
    /** whether commands for a platform run on this machine */
    readonly runs: (platform: Platform) => boolean
    readonly warn: (warning: PlanWarning) => void
  },
): Platforms {
  const read = (texts: readonly PlanText[]) =>
    unique(texts.map((text) => platformAt(text, expand(text, scopes.plan).text)))
  const own = plan.platforms.length > 0 ? read(plan.platforms) : [host]
  const asked = selection.platforms && unique(selection.platforms.map(parsePlatform))
  // Istio's file names no platforms, so any may be asked for; so may it be when slipway.yaml names none.
  const isOpen = plan.format === 'istio' || plan.platforms.length === 0
  if (asked && !isOpen) {
    const known = [...own, ...plan.images.flatMap((image) => read(image.platforms ?? []))]
    asked.forEach((platform) => checkKnown(plan, platform, known))
  }
  return {
    all: asked ?? own,
    of: (image) => {
      const possible = image.platforms ? read(image.platforms) : isOpen ? (asked ?? own) : own
      const wanted = asked ? possible.filter((platform) => includes(asked, platform)) : possible
      const buildable = image.emulationRequired ? wanted.filter(runs) : wanted
      for (const platform of wanted.filter((candidate) => !includes(buildable, candidate)))
        warn({
          message: `${image.name} is not built for ${formatPlatform(platform)}: it needs emulation on this machine (${formatPlatform(host)})`,
          at: image.at,
        })
      return buildable
    },
  }
}

function platformAt({ at }: PlanText, text: string): Platform {
  try {
    return parsePlatform(text)
  } catch (error) {
    throw failureAt(error, at)
  }
}

function includes(list: readonly Platform[], platform: Platform): boolean {
  return list.some((candidate) => samePlatform(candidate, platform))
}

function unique(list: readonly Platform[]): Platform[] {
  return [...new Map(list.map((platform) => [formatPlatform(platform), platform] as const)).values()]
}

function checkKnown(plan: Plan, platform: Platform, known: readonly Platform[]): void {
  if (includes(known, platform)) return
  const names = [...new Set(known.map(formatPlatform))]
  const name = formatPlatform(platform)
  const suggestion = nearest(name, names)
  throw new Failure('PLAN_SELECTION', `${plan.file} has no platform "${name}"`, {
    hint: suggestion
      ? `did you mean "${suggestion}"? Its platforms are ${names.join(', ')}`
      : `its platforms are ${names.join(', ')}; add it to "platforms"`,
  })
}
