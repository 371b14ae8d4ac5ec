/** What a schema cannot say of a plan: names that must be there once, names that must be known. */
import { Failure, nearest, type Place } from '../../base/index.ts'
import { parsePlatform } from '../../oci/index.ts'
import { withOthers } from '../../yaml/index.ts'
import type { Plan, PlanText } from './model.ts'

/** @throws Failure PLAN_INVALID, all problems in one */
export function checkNames(plan: Plan): void {
  const problems: Failure[] = [
    ...repeatedImages(plan),
    ...severalDefaults(plan),
    ...unknownNames(plan),
    ...badPlatforms(plan),
  ]
  if (problems.length > 0) throw withOthers(problems)
}

function repeatedImages(plan: Plan): Failure[] {
  const seen = new Map<string, Place>()
  return plan.images.flatMap(({ name, at }) => {
    const first = seen.get(name)
    if (!first) seen.set(name, at)
    return first ? [invalid(`image "${name}" is there twice: first on line ${first.line}`, at)] : []
  })
}

function severalDefaults(plan: Plan): Failure[] {
  const [first, ...others] = plan.variants.filter((variant) => variant.isDefault)
  return others.map(({ name, at }) =>
    invalid(
      `variant "${name}" is default, but "${first!.name}" is already`,
      at,
      'keep "default: true" on one',
    ),
  )
}

function unknownNames(plan: Plan): Failure[] {
  const images = new Set(plan.images.map(({ name }) => name))
  const variants = new Set(plan.variants.map(({ name }) => name))
  const artifacts = new Set(plan.artifacts.map(({ name }) => name))
  const members = new Set([...images, ...plan.groups.keys()])
  return [
    ...plan.images.flatMap((image) => [
      ...unknown('variant', image.variants ?? [], variants),
      ...unknown('artifact', image.artifacts, artifacts),
    ]),
    ...Array.from(plan.groups.values(), (names) => unknown('image', names, members)).flat(),
    ...Array.from(plan.groups.keys())
      .filter((name) => images.has(name))
      .map((name) => invalid(`group "${name}" has the name of an image`, plan.groups.get(name)?.[0]?.at)),
  ]
}

function unknown(kind: string, names: readonly PlanText[], known: ReadonlySet<string>): Failure[] {
  return names
    .filter(({ text }) => !known.has(text))
    .map(({ text, at }) => {
      const suggestion = nearest(text, known)
      const list = known.size === 0 ? `the plan has no ${kind}s` : `the plan has ${[...known].join(', ')}`
      return invalid(`unknown ${kind} "${text}"`, at, suggestion ? `did you mean "${suggestion}"?` : list)
    })
}

function badPlatforms(plan: Plan): Failure[] {
  return [...plan.platforms, ...plan.images.flatMap((image) => image.platforms ?? [])].flatMap(
    ({ text, at }) => {
      try {
        if (!text.includes('$')) parsePlatform(text)
        return []
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        return [invalid(error.message, at, error.hint)]
      }
    },
  )
}

function invalid(message: string, at: Place | undefined, hint?: string): Failure {
  return new Failure('PLAN_INVALID', message, { at, hint })
}
