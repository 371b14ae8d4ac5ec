/** Images picked from a plan by name or group. */
import { Failure, nearest } from '../../base/index.ts'
import type { Plan, PlanImage } from './model.ts'
import { matchesName } from './name-pattern.ts'

/**
 * The images of the names and patterns, groups opened, each once, in the order of the plan; without names all that are no bases.
 * @throws Failure PLAN_SELECTION when a name is not in the plan, with the nearest one
 */
export function selectedImages(plan: Plan, asked: readonly string[] | undefined): PlanImage[] {
  const names = asked ?? plan.defaults.images
  if (!names) return plan.images.filter((image) => !image.isBase)
  const wanted = new Set<string>()
  const opened = new Set<string>()
  const images = new Set(plan.images.map(({ name }) => name))
  const open = (name: string) => {
    const members = plan.groups.get(name)
    const matching = /[*?[]/.test(name)
      ? [...images, ...plan.groups.keys()].filter((one) => matchesName(name, one))
      : []
    if (images.has(name)) wanted.add(name)
    else if (matching.length > 0) matching.forEach(open)
    else if (!members) throw unknownImage(plan, name)
    else if (!opened.has(name)) {
      opened.add(name)
      members.forEach(({ text }) => open(text))
    }
  }
  names.forEach(open)
  return plan.images.filter(({ name }) => wanted.has(name))
}

/** @throws Failure PLAN_SELECTION */
export function findImage(plan: Plan, name: string): PlanImage {
  const image = plan.images.find((candidate) => candidate.name === name)
  if (!image) throw unknownImage(plan, name)
  return image
}

function unknownImage(plan: Plan, name: string): Failure {
  const known = [...plan.images.map((image) => image.name), ...plan.groups.keys()]
  const suggestion = nearest(name, known)
  return new Failure('PLAN_SELECTION', `${plan.file} has no image "${name}"`, {
    hint: suggestion ? `did you mean "${suggestion}"?` : `it has ${listed(known)}`,
  })
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).join(', ')
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown
}
