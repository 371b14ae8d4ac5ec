/**
 * What variables mean where, nearest first: the platform (TARGET_OS and friends; only in files, targets, contexts and
 * artifacts), build arguments, HUB and TAG (the first of each), the environment.
 */
import { expand, type Scope } from './expand.ts'
import type { Plan, PlanImage, PlanText, PlanVariant, PlanWarning, Selection } from './model.ts'
import { platformVariableNames, platformVariables } from './platform-variables.ts'
import type { Platform } from '../../oci/index.ts'

export interface Scopes {
  /** the environment alone, for hubs, tags and platforms */
  readonly plan: Scope
  /** for labels, stages and the like; without the platform */
  readonly image: (args: ReadonlyMap<string, string>) => Scope
  readonly platform: (args: ReadonlyMap<string, string>, platform: Platform | undefined) => Scope
  /** final build arguments: plan, then variant, then image, then command line; the later wins */
  readonly args: (image?: PlanImage, variant?: PlanVariant) => ReadonlyMap<string, string>
}

const noPlatform: ReadonlyMap<string, string> = new Map(
  [...platformVariableNames].map((name) => [
    name,
    'the platform is known only in files, targets, contexts and artifacts (a Dockerfile has ARG TARGETARCH)',
  ]),
)

export function createScopes(plan: Plan, selection: Selection, warn: (warning: PlanWarning) => void): Scopes {
  const { env, format, root } = plan
  const scope = (...variables: ReadonlyMap<string, string>[]): Scope => ({ variables, env, format, warn })
  const planScope: Scope = { ...scope(), elsewhere: noPlatform }
  const first = (asked: readonly string[] | undefined, written: readonly PlanText[]) =>
    asked ? asked[0] : written[0] && expand(written[0], planScope).text
  const names = new Map<string, string>()
  const hub = first(selection.hubs, plan.hubs)
  if (hub !== undefined) names.set('HUB', hub)
  names.set('TAG', first(selection.tags, plan.tags) ?? 'latest')
  const argsScope: Scope = { ...scope(names), elsewhere: noPlatform }
  const given = new Map(Object.entries(selection.args ?? {}))
  return {
    plan: planScope,
    image: (args) => ({ ...scope(args, names), elsewhere: noPlatform }),
    platform: (args, platform) =>
      platform
        ? scope(platformVariables(root, platform), args, names)
        : { ...scope(args, names), elsewhere: noPlatform },
    args: (image, variant) => {
      const written = new Map([...plan.args, ...(variant?.args ?? []), ...(image?.args ?? [])])
      const expanded = Array.from(written)
        .filter(([name]) => !given.has(name))
        .map(([name, text]) => [name, expand(text, argsScope).text] as const)
      return new Map([...expanded, ...given])
    },
  }
}
