/** The destinations of a copy as outputs, each with the names that the image gets there. Pure. */
import { Failure } from '../base/index.ts'
import type { ImageSource } from '../build/index.ts'
import { parseReference, type Reference } from '../oci/index.ts'
import type { ImageName } from './image-name.ts'
import type { Output } from './output.ts'

export interface CopyTarget {
  readonly output: Output
  readonly names: { readonly references: readonly Reference[]; readonly refNames?: readonly string[] }
}

/**
 * All registries are one destination, so that what is in one repository is mounted into the next. A path without a name
 * keeps the names of the source; with `oci:` and the like it has the name that is given, or none, as with skopeo.
 * @throws Failure USAGE
 */
export function copyTargets(
  names: readonly ImageName[],
  source: Pick<ImageSource, 'references' | 'top'>,
): CopyTarget[] {
  const references = names.flatMap((name) =>
    name.kind === 'registry' ? [checkedDigest(name.reference, source)] : [],
  )
  const others = names.flatMap((name) =>
    name.kind === 'registry' ? [] : [targetOf(name, source.references)],
  )
  const registries: CopyTarget[] =
    references.length === 0 ? [] : [{ output: { kind: 'registry' }, names: { references } }]
  return [...registries, ...others]
}

function targetOf(
  name: Exclude<ImageName, { kind: 'registry' }>,
  sourceNames: readonly Reference[],
): CopyTarget {
  if (name.kind === 'daemon') {
    const references = [parseReference(name.name)]
    return { output: { kind: 'docker' }, names: { references } }
  }
  const isNamed = name.name !== undefined
  if (name.kind === 'layout') {
    const output: Output = { kind: 'layout', folder: name.path }
    if (isNamed) return { output, names: { references: [], refNames: [name.name] } }
    return { output, names: { references: name.isPlain ? sourceNames : [] } }
  }
  const format = name.format === 'oci' ? 'oci' : 'docker'
  const output: Output = { kind: 'archive', format, path: name.path }
  if (format === 'oci' && isNamed) return { output, names: { references: [], refNames: [name.name] } }
  const given = isNamed ? [parseReference(name.name)] : name.isPlain ? sourceNames : []
  return { output, names: { references: given } }
}

/** A name with a digest can only take the image that has it. */
function checkedDigest(reference: Reference, { top }: Pick<ImageSource, 'top'>): Reference {
  if (reference.digest === undefined || reference.digest === top.digest) return reference
  throw new Failure('USAGE', `the image has the digest ${top.digest}, not ${reference.digest}`, {
    hint: 'leave the digest out of the destination, or copy another image',
  })
}
