/** `--sbom`, `--provenance` and `--attest` as buildx spells them; `--sign` and `--sign-key` for cosign. */
import type { Command } from 'commander'
import { collect } from './flags.ts'

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
