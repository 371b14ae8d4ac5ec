/** The field `attest` of a target: documents that go with its image. */
import { Failure } from '../../../base/index.ts'
import { AttestError, withAttestEntry } from '../../attest/attest-entry.ts'
import type { AttestOptions } from '../../attest/attest-options.ts'
import type { PlanWarning } from '../model.ts'
import { entriesOf, placeOfField, type BakeTarget } from './target.ts'

/** @throws Failure PLAN_INVALID for a document that is not made */
export function readTargetAttest(target: BakeTarget): {
  readonly options: AttestOptions
  /** fields that only a scanner of BuildKit understands */
  readonly warnings: readonly PlanWarning[]
} {
  let options: AttestOptions = { sbom: [] }
  const warnings: PlanWarning[] = []
  for (const entry of entriesOf(target, 'attest')) {
    const at = placeOfField(target, 'attest')
    try {
      const read = withAttestEntry(options, entry)
      options = read.options
      for (const name of read.unused)
        warnings.push({ message: `"${name}" of attest of "${target.name}" is not used`, at })
    } catch (error) {
      if (!(error instanceof AttestError)) throw error
      throw new Failure('PLAN_INVALID', `attest of "${target.name}" ${error.message}`, {
        at,
        hint: error.hint,
      })
    }
  }
  return { options, warnings }
}
