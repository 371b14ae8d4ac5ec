/** `--sbom`, `--provenance` and `--attest` as buildx spells them; `--sign` and `--sign-key` for cosign. */
import type { Command } from 'commander'
import { Failure, nearest } from '../base/index.ts'
import type { AttestOptions, ProvenanceOptions, SbomFormat, SignOptions } from '../build/index.ts'
import { csvFields } from '../dockerfile/index.ts'
import { collect } from './flags.ts'
import type { Output } from './output.ts'

export interface AttestFlags {
  readonly sbom?: string
  readonly provenance?: string
  readonly attest?: string[]
  readonly sign?: boolean
  readonly signKey?: string
}

/** Words that may follow a flag as its value; what else follows, such as the context folder, is not its value. */
const values: Readonly<Record<string, readonly string[]>> = {
  '--sbom': ['true', 'false', 'spdx', 'cyclonedx', 'both'],
  '--provenance': ['true', 'false', 'min', 'max'],
}

export function addAttestFlags(command: Command): Command {
  return command
    .option('--sbom [format]', 'attach an SBOM to each image: spdx (default), cyclonedx or both')
    .option('--provenance [mode]', 'attach SLSA provenance to each image: min (default) or max')
    .option(
      '--attest <fields>',
      'the same in one flag: type=sbom or type=provenance,mode=max; may be given several times',
      collect,
    )
    .option('--sign', 'sign pushed images with cosign')
    .option('--sign-key <key>', 'key for cosign, as its --key takes it; implies --sign')
}

/** `--sbom` and `--provenance` without a value as `--sbom=true` and so on. */
export function completeAttestFlags(argv: readonly string[]): string[] {
  const end = argv.indexOf('--')
  return argv.map((word, index) => {
    const following = values[word]
    if (following === undefined || (end >= 0 && index > end)) return word
    const next = argv[index + 1] ?? ''
    return following.includes(next) || next.startsWith('mode=') ? word : `${word}=true`
  })
}

/** What is asked for; nothing when no document is. `--sbom` and `--provenance` win over `--attest`. @throws Failure USAGE */
export function attestOptionsOf(
  { sbom, provenance, attest }: AttestFlags,
  planned: AttestOptions = { sbom: [] },
): AttestOptions | undefined {
  let options = planned
  for (const text of attest ?? []) options = { ...options, ...parseAttest(text) }
  if (sbom !== undefined) options = { ...options, sbom: parseSbom('--sbom', sbom) }
  if (provenance !== undefined) options = { ...options, provenance: parseProvenance(provenance) }
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

function parseAttest(text: string): Partial<AttestOptions> {
  const fields = fieldsOf('--attest', text)
  const { type, ...rest } = Object.fromEntries(fields)
  const others = Object.entries(rest).map(([name, value]) => `${name}=${value}`)
  if (type === 'sbom') {
    const isOff = rest['disabled'] === 'true'
    return { sbom: isOff ? [] : parseSbom('--attest', rest['format'] ?? others.join(',')) }
  }
  if (type === 'provenance') return { provenance: parseProvenance(others.join(',') || 'true', '--attest') }
  throw usage(`--attest "${text}" names no type of document`, 'write type=sbom or type=provenance')
}

const formats: Readonly<Record<string, readonly SbomFormat[]>> = {
  '': ['spdx'],
  true: ['spdx'],
  false: [],
  spdx: ['spdx'],
  cyclonedx: ['cyclonedx'],
  both: ['spdx', 'cyclonedx'],
}

function parseSbom(flag: string, text: string): readonly SbomFormat[] {
  const found = Object.hasOwn(formats, text) ? formats[text] : undefined
  if (found) return found
  if (text.startsWith('generator='))
    throw usage(
      `${flag} cannot use the "${text}"`,
      'packages are found by Slipway itself: leave the generator out',
    )
  const suggestion = nearest(text, Object.keys(formats).slice(3))
  throw usage(
    `${flag} has no format "${text}"`,
    suggestion ? `did you mean ${suggestion}?` : 'it is spdx, cyclonedx or both',
  )
}

function parseProvenance(text: string, flag = '--provenance'): ProvenanceOptions | undefined {
  if (text === 'false') return undefined
  if (text === 'true') return { mode: 'min' }
  if (text === 'min' || text === 'max') return { mode: text }
  const fields = fieldsOf(flag, text)
  if (fields.get('disabled') === 'true') return undefined
  const mode = fields.get('mode') ?? 'min'
  if (mode !== 'min' && mode !== 'max') throw usage(`${flag} has no mode "${mode}"`, 'it is min or max')
  const version = fields.get('version') ?? 'v1'
  if (version !== 'v1') throw usage(`${flag} cannot write SLSA ${version}`, 'it writes v1')
  const known = ['mode', 'builder-id', 'version', 'disabled']
  const unknown = [...fields.keys()].find((name) => !known.includes(name))
  if (unknown !== undefined) throw usage(`${flag} has no field "${unknown}"`, `it has ${known.join(', ')}`)
  const builderId = fields.get('builder-id')
  return { mode, ...(builderId !== undefined && { builderId }) }
}

function fieldsOf(flag: string, text: string): Map<string, string> {
  return new Map(
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
