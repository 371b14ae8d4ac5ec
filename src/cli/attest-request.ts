/** What `--sbom`, `--provenance`, `--attest`, `--sign` and the plan ask for, together. */
import { csvFields, Failure } from '../base/index.ts'
import {
  AttestError,
  withAttestEntry,
  type AttestOptions,
  type ResolvedImage,
  type SignOptions,
} from '../build/index.ts'
import type { AttestFlags } from './attest-flags.ts'
import type { Output } from './output.ts'

/** What is asked for each image: flags win over what its plan says. Nothing when no image is asked for any. */
export function attestFor(
  flags: AttestFlags,
  images: readonly ResolvedImage[],
): ((image: ResolvedImage) => AttestOptions | undefined) | undefined {
  // a wrong flag is told even when no image is built
  attestOptionsOf(flags)
  const of = (image: ResolvedImage) => attestOptionsOf(flags, image.attest)
  return images.some((image) => of(image) !== undefined) ? of : undefined
}

/** `--sbom` and `--provenance` win over `--attest`. @throws Failure USAGE */
export function attestOptionsOf(
  { sbom, provenance, attest }: AttestFlags,
  planned: AttestOptions = { sbom: [] },
): AttestOptions | undefined {
  let options = planned
  for (const text of attest ?? []) options = addEntry(options, '--attest', fieldsOf('--attest', text))
  if (sbom !== undefined) options = addEntry(options, '--sbom', sbomFields(sbom))
  if (provenance !== undefined) options = addEntry(options, '--provenance', provenanceFields(provenance))
  return options.sbom.length === 0 && options.provenance === undefined ? undefined : options
}

/** How images are signed; nothing when they are not. @throws Failure USAGE when they go to no registry */
export function signOptionsOf(
  { sign, signKey }: AttestFlags,
  outputs: readonly Output[],
): SignOptions | undefined {
  if (sign !== true && signKey === undefined) return undefined
  if (outputs.some(({ kind }) => kind === 'registry')) return { key: signKey }
  throw usage('--sign needs a registry: cosign signs what is pushed', 'add --push')
}

type Fields = Readonly<Record<string, string>>

function addEntry(options: AttestOptions, flag: string, entry: Fields): AttestOptions {
  try {
    const { options: read, unused } = withAttestEntry(options, entry)
    if (unused[0] === undefined) return read
    throw unused[0] === 'generator'
      ? new AttestError('has no generator', 'packages are found by Slipway itself: leave it out')
      : new AttestError(`has no field "${unused[0]}"`)
  } catch (error) {
    throw error instanceof AttestError ? usage(`${flag} ${error.message}`, error.hint) : error
  }
}

/** `true`, `false`, a format, or fields as in `--attest`. */
function sbomFields(text: string): Fields {
  if (text === 'true') return { type: 'sbom' }
  if (text === 'false') return { type: 'sbom', disabled: 'true' }
  return { type: 'sbom', ...(text.includes('=') ? fieldsOf('--sbom', text) : { format: text }) }
}

/** `true`, `false`, a mode, or fields as in `--attest`. */
function provenanceFields(text: string): Fields {
  if (text === 'true') return { type: 'provenance' }
  if (text === 'false') return { type: 'provenance', disabled: 'true' }
  return { type: 'provenance', ...(text.includes('=') ? fieldsOf('--provenance', text) : { mode: text }) }
}

function fieldsOf(flag: string, text: string): Fields {
  return Object.fromEntries(
    (csvFields(text) ?? [text]).map((field) => {
      const equals = field.indexOf('=')
      if (equals <= 0) throw usage(`${flag} "${text}": "${field}" is not name=value`)
      return [field.slice(0, equals), field.slice(equals + 1)]
    }),
  )
}

function usage(message: string, hint?: string): Failure {
  return new Failure('USAGE', message, { hint })
}
