/** References of the images of a plan: every hub with every tag and suffix. */
import { Failure, failureAt } from '../../base/index.ts'
import { formatReference, parseReference } from '../../oci/index.ts'
import { expand } from './expand.ts'
import type { Plan, PlanTarget, PlanText, Selection } from './model.ts'
import type { Scopes } from './scopes.ts'
import { allVariantBuilds } from './variant-builds.ts'

/** A hub or a tag, with its place when the plan has it. */
export interface Part {
  readonly text: string
  readonly written: PlanText | undefined
}

export interface Names {
  readonly hubs: readonly Part[]
  readonly tags: readonly Part[]
}

/** Hubs and tags of the run. No hub: names stand alone, as in `docker build -t name`. */
export function chosenNames(plan: Plan, selection: Selection, scopes: Scopes): Names {
  const tags = parts(selection.tags, plan.tags, scopes)
  return {
    hubs: parts(selection.hubs, plan.hubs, scopes),
    tags: tags.length > 0 ? tags : [{ text: 'latest', written: undefined }],
  }
}

/**
 * Full references of an image, each once.
 * @throws Failure REFERENCE_INVALID, at the hub or tag when it stands in the plan
 */
export function fullReferences(name: string, { hubs, tags }: Names, suffixes: readonly string[]): string[] {
  const prefixes = hubs.length === 0 ? [{ text: '', written: undefined }] : hubs
  const references = prefixes.flatMap((hub) =>
    tags.flatMap((tag) =>
      suffixes.map((suffix) => {
        const prefix = hub.text === '' ? '' : `${hub.text.replace(/\/+$/, '')}/`
        return checkedReference(prefix + name, tag.text + suffix, { hub, tag })
      }),
    ),
  )
  return [...new Set(references)]
}

/** Names that an image has in full. @throws Failure REFERENCE_INVALID at the name */
export function writtenReferences(references: readonly PlanText[]): string[] {
  const checked = references.map(({ text, at }) => {
    try {
      return formatReference(parseReference(text))
    } catch (error) {
      throw failureAt(error, at)
    }
  })
  return [...new Set(checked)]
}

/** All references that mean an image of this plan, under the names of the run and those of the plan file. */
export function planReferences(plan: Plan, chosen: Names, scopes: Scopes): ReadonlyMap<string, PlanTarget> {
  const written = writtenNames(plan, scopes)
  const names: Names = {
    hubs: unique([...chosen.hubs, ...written.hubs]),
    tags: unique([...chosen.tags, ...written.tags]),
  }
  const targets = new Map<string, PlanTarget>()
  for (const image of plan.images) {
    if (image.references) continue
    for (const { variant, suffixes } of allVariantBuilds(plan, image)) {
      const target = { image: image.name, variant: variant?.name }
      for (const reference of fullReferences(image.name, names, suffixes)) targets.set(reference, target)
    }
  }
  return targets
}

function parts(asked: readonly string[] | undefined, written: readonly PlanText[], scopes: Scopes): Part[] {
  if (asked) return asked.map((text) => ({ text, written: undefined }))
  return written.map((text) => ({ text: expand(text, scopes.plan).text, written: text }))
}

/** Names of the plan file; none when they need variables that the command line makes needless. */
function writtenNames(plan: Plan, scopes: Scopes): Names {
  try {
    return chosenNames(plan, {}, scopes)
  } catch (error) {
    if (error instanceof Failure) return { hubs: [], tags: [] }
    throw error
  }
}

function unique(list: readonly Part[]): Part[] {
  return [...new Map(list.map((part) => [part.text, part] as const)).values()]
}

/** The hub is to blame when the name is bad with any tag. */
function checkedReference(
  name: string,
  tag: string,
  from: { readonly hub: Part; readonly tag: Part },
): string {
  const check = (text: string, written: PlanText | undefined): string => {
    try {
      return formatReference(parseReference(text))
    } catch (error) {
      throw failureAt(error, written?.at)
    }
  }
  check(name, from.hub.written)
  return check(`${name}:${tag}`, from.tag.written)
}
