/** Which image of an `index.json` is meant (image-spec image-layout.md, "index.json file"). Pure. */
import { Failure } from '../../base/index.ts'
import {
  formatReference,
  isDigest,
  parseReference,
  type Descriptor,
  type Index,
  type Reference,
} from '../../oci/index.ts'
import { refNameAnnotation } from '../../store/index.ts'
import { notFound } from './image-source.ts'

const imageNameAnnotation = 'io.containerd.image.name'

/** `place`: for messages, such as `the layout out`. @throws Failure IMAGE_INVALID */
export function parseLayoutIndex(bytes: Uint8Array, place: string): Index {
  try {
    const index = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<Index> | null
    if (Array.isArray(index?.manifests)) return index as Index
  } catch {
    // told below, together with valid JSON of another shape
  }
  throw new Failure('IMAGE_INVALID', `${place} has an index.json that is no image index`)
}

/**
 * The entry of a name, a tag or a digest; without one, the only image there is. A tag alone also finds the image whose
 * full name has it, as long as that is one image.
 * @throws Failure IMAGE_NOT_FOUND, listing what is there
 */
export function selectEntry({ manifests }: Index, name: string | undefined, place: string): Descriptor {
  // Documents about images, such as signatures, have no name and are not meant.
  const images = manifests.filter((entry) => entry.artifactType === undefined)
  const found = name === undefined ? images : entriesOf(manifests, name)
  const digests = new Set(found.map(({ digest }) => digest))
  if (digests.size === 1) return withoutNames(found[0]!)
  const names = [...new Set(images.map((entry) => namesOf(entry)[0] ?? entry.digest))].toSorted()
  const list = names.length === 0 ? 'it is empty' : `it has ${names.slice(0, 10).join(', ')}`
  if (name === undefined && images.length > 0)
    throw notFound(`${place} has ${digests.size} images: say which`, list)
  if (name !== undefined && digests.size > 1) {
    const full = [...new Set(found.flatMap(namesOf))].toSorted()
    throw notFound(`${place} has ${digests.size} images "${name}": say which`, `they are ${full.join(', ')}`)
  }
  throw notFound(`${place} has no image${name === undefined ? '' : ` "${name}"`}`, list)
}

/** References that an entry has, but for names that are none. */
export function referencesOf({ manifests }: Index, { digest }: Descriptor): Reference[] {
  const texts = manifests.filter((entry) => entry.digest === digest).flatMap(namesOf)
  const references = [...new Set(texts)].flatMap((text) => {
    try {
      // A bare tag, as skopeo writes it, is the name of no repository.
      return /[/:]/.test(text) ? [parseReference(text)] : []
    } catch {
      return []
    }
  })
  const unique = new Map(references.map((reference) => [formatReference(reference), reference]))
  return [...unique.values()]
}

function entriesOf(manifests: readonly Descriptor[], name: string): Descriptor[] {
  const exact = manifests.filter((entry) => isNamed(entry, name))
  if (exact.length > 0 || !/^\w[\w.-]*$/.test(name)) return exact
  return manifests.filter((entry) => namesOf(entry).some((full) => tagOf(full) === name))
}

/** Of a full name; nothing for what is none, or has no tag. */
function tagOf(name: string): string | undefined {
  try {
    return /[/:]/.test(name) ? parseReference(name).tag : undefined
  } catch {
    return undefined
  }
}

function isNamed(entry: Descriptor, name: string): boolean {
  if (isDigest(name.replace(/^@/, ''))) return entry.digest === name.replace(/^@/, '')
  const names = namesOf(entry)
  return names.includes(name) || names.includes(fullName(name))
}

function namesOf({ annotations = {} }: Descriptor): string[] {
  return [annotations[imageNameAnnotation], annotations[refNameAnnotation]].filter(
    (name) => name !== undefined,
  )
}

function fullName(name: string): string {
  try {
    return formatReference(parseReference(name))
  } catch {
    return name
  }
}

/** The names are of the entry, not of what it describes. */
function withoutNames({ annotations, ...descriptor }: Descriptor): Descriptor {
  const kept = Object.entries(annotations ?? {}).filter(
    ([key]) => key !== refNameAnnotation && key !== imageNameAnnotation,
  )
  return kept.length === 0 ? descriptor : { ...descriptor, annotations: Object.fromEntries(kept) }
}
