/** A registry in memory that can be told to speak a dialect and to fail; its parts are in `registry-faults/`. */
export type { Fault, FaultAction, Purpose } from './registry-faults/faults.ts'
export {
  startFaultRegistry,
  type FaultRegistry,
  type FaultRegistryOptions,
  type Recorded,
} from './registry-faults/server.ts'
