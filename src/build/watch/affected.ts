/** Which images have to be built again when something changed: those that saw it, and all that stand on them. Pure. */
import { formatReference, parseReference } from '../../oci/index.ts'
import type { BaseInput } from '../memo/inputs.ts'
import type { PlanTarget, ResolvedPlan } from '../plan/model.ts'
import type { Owner } from './watch-index.ts'

export function ownerOf(image: string, variant: string | undefined): Owner {
  return `${image} ${variant ?? ''}`
}

export interface UsedBases {
  readonly owner: Owner
  readonly bases: readonly BaseInput[]
}

/** With all images that stand on a changed one, however far up. */
export function withDependents(
  changed: ReadonlySet<Owner>,
  used: Iterable<UsedBases>,
  { planReferences }: Pick<ResolvedPlan, 'planReferences'>,
): ReadonlySet<Owner> {
  const found = new Set(changed)
  const ownerOfBase = ({ kind, name }: BaseInput): Owner | undefined => {
    const target: PlanTarget | undefined =
      kind === 'target'
        ? { image: name, variant: undefined }
        : planReferences.get(formatReference(parseReference(name)))
    return target && ownerOf(target.image, target.variant)
  }
  const edges = Array.from(used, ({ owner, bases }) => ({ owner, bases: bases.map(ownerOfBase) }))
  for (let before = -1; before !== found.size;) {
    before = found.size
    for (const { owner, bases } of edges)
      if (bases.some((base) => base !== undefined && found.has(base))) found.add(owner)
  }
  return found
}
