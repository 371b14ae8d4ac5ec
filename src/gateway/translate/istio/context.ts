import type { KubeObject } from '../../objects/object.ts'
import type { TranslateInput } from '../translation.ts'
import type { Credentials } from '../credentials.ts'
import type { Destinations } from './destinations.ts'
import type { FieldPath, Report } from '../report.ts'

/** What every part of the Istio translator works with. */
export interface Context extends TranslateInput {
  readonly report: Report
  readonly destinations: Destinations
  readonly credentials: Credentials
}

/** A part of an object, for diagnostics. */
export interface Part {
  readonly object: KubeObject
  readonly path: FieldPath
}

export function below(part: Part, ...steps: FieldPath): Part {
  return { object: part.object, path: [...part.path, ...steps] }
}
