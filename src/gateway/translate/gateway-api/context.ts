import type { ObjectSet } from '../../objects/object.ts'
import type { ServiceRegistry } from '../backends/registry.ts'
import type { TranslateOptions } from '../translation.ts'
import type { BackendTlsPolicies } from './backend-tls.ts'
import type { Grants } from './grants.ts'
import type { Output } from './output.ts'

/** What every part of this translator looks at and writes to. */
export interface Context {
  readonly objects: ObjectSet
  readonly options: TranslateOptions
  readonly services: ServiceRegistry
  readonly grants: Grants
  readonly policies: BackendTlsPolicies
  readonly output: Output
}
