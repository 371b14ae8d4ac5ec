/** `type=sbom`, `type=provenance,mode=max` and the like, as buildx writes them in flags and bake files. */
import { nearest } from '../../base/index.ts'
import { sbomFormats, type AttestOptions, type ProvenanceOptions, type SbomFormat } from './attest-options.ts'

/** What is asked for is not made. The message continues what asks for it. */
export class AttestError extends Error {
  readonly hint: string | undefined

  constructor(message: string, hint?: string) {
    super(message)
    this.hint = hint
  }
}

export interface ReadEntry {
  readonly options: AttestOptions
  /** fields that have no effect here */
  readonly unused: readonly string[]
}

type Entry = Readonly<Record<string, string>>

/** What is asked for with one more entry. @throws AttestError */
export function withAttestEntry(options: AttestOptions, entry: Entry): ReadEntry {
  const { type, disabled, ...fields } = entry
  const isOff = disabled === 'true'
  if (type === 'sbom') {
    const { format = 'spdx', ...others } = fields
    return { options: { ...options, sbom: isOff ? [] : parseFormat(format) }, unused: Object.keys(others) }
  }
  if (type === 'provenance') {
    const { provenance, unused } = readProvenance(fields)
    return { options: { ...options, provenance: isOff ? undefined : provenance }, unused }
  }
  throw new AttestError(
    `asks for "${type ?? ''}", which is no document`,
    'it is type=sbom or type=provenance',
  )
}

const formats: Readonly<Record<string, readonly SbomFormat[]>> = {
  spdx: ['spdx'],
  cyclonedx: ['cyclonedx'],
  both: sbomFormats,
}

/** `spdx`, `cyclonedx` or `both`. @throws AttestError */
export function parseFormat(text: string): readonly SbomFormat[] {
  const found = Object.hasOwn(formats, text) ? formats[text] : undefined
  if (found) return found
  const suggestion = nearest(text, Object.keys(formats))
  throw new AttestError(
    `has no format "${text}"`,
    suggestion ? `did you mean ${suggestion}?` : 'it is spdx, cyclonedx or both',
  )
}

/** @throws AttestError */
function readProvenance(fields: Entry): { provenance: ProvenanceOptions; unused: string[] } {
  const { mode = 'min', version = 'v1', 'builder-id': builderId, ...others } = fields
  if (mode !== 'min' && mode !== 'max') throw new AttestError(`has no mode "${mode}"`, 'it is min or max')
  if (version !== 'v1') throw new AttestError(`cannot write SLSA ${version}`, 'it writes v1')
  return {
    provenance: { mode, ...(builderId !== undefined && { builderId }) },
    unused: Object.keys(others),
  }
}
