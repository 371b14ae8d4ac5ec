/**
 * Which builds an image has, and the tags of each. The default variant has the unsuffixed tag, every variant can be
 * asked for by its name and then has the tag with `-<name>`; the default variant asked for both ways is one build.
 */
import { Failure, nearest } from '../../base/index.ts'
import type { Plan, PlanImage, PlanVariant } from './model.ts'

export interface VariantBuild {
  readonly variant: PlanVariant | undefined
  /** suffixes of the tags: empty, or `-debug` */
  readonly suffixes: readonly string[]
}

/** The name that stands for the default variant under its unsuffixed tag. */
const defaultName = 'default'

/**
 * Builds of `image` for the variants asked for, in the order of the plan. Nothing asked: the default variant
 * unsuffixed, the others suffixed. An image or plan without variants has one build.
 */
export function variantBuilds(plan: Plan, image: PlanImage, asked?: readonly string[]): VariantBuild[] {
  const variants = variantsOf(plan, image)
  if (variants.length === 0) return [{ variant: undefined, suffixes: [''] }]
  return variants
    .map((variant) => ({ variant, suffixes: suffixesOf(variant, asked) }))
    .filter(({ suffixes }) => suffixes.length > 0)
}

/** Every build of the image with every suffix it can have. */
export function allVariantBuilds(plan: Plan, image: PlanImage): VariantBuild[] {
  return variantBuilds(plan, image, [defaultName, ...plan.variants.map(({ name }) => name)])
}

/** @throws Failure PLAN_SELECTION when the plan has no such variant */
export function checkVariants(plan: Plan, asked: readonly string[]): void {
  const hasDefault = plan.variants.length === 0 || plan.variants.some(({ isDefault }) => isDefault)
  const known = [...(hasDefault ? [defaultName] : []), ...plan.variants.map(({ name }) => name)]
  for (const name of asked) {
    if (known.includes(name)) continue
    const suggestion = nearest(name, known)
    const why = name === defaultName ? ': none has "default: true"' : ''
    throw new Failure('PLAN_SELECTION', `${plan.file} has no variant "${name}"${why}`, {
      hint: suggestion ? `did you mean "${suggestion}"?` : `its variants are ${known.join(', ')}`,
    })
  }
}

function variantsOf(plan: Plan, image: PlanImage): readonly PlanVariant[] {
  if (!image.variants) return plan.variants
  const names = new Set(image.variants.map(({ text }) => text))
  return plan.variants.filter(({ name }) => names.has(name))
}

function suffixesOf({ name, isDefault }: PlanVariant, asked: readonly string[] | undefined): string[] {
  if (!asked) return [isDefault ? '' : `-${name}`]
  return [
    ...(isDefault && asked.includes(defaultName) ? [''] : []),
    ...(asked.includes(name) ? [`-${name}`] : []),
  ]
}
