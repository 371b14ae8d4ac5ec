/**
 * What every module stands on: failures with a code and a place, limits, names of files, counts of work.
 * Node.js built-ins only; nothing here does I/O at import.
 */
export { isRunning, withLockFile, writeFileAtomically, type AtomicWriteOptions } from './atomic-file.ts'
export { csvFields } from './csv-fields.ts'
export { Failure, failureAt, isAbort, systemCode, type FailureDetails } from './failure.ts'
export { failureCodes, type FailureCode } from './failure-codes.ts'
export { fileFailure } from './file-failure.ts'
export { largestFirst } from './largest-first.ts'
export { all, limit, once, type Limit, type Slots, type Waiting } from './limit.ts'
export { comparePathnames, decodePathname, encodePathname, fsPath, isUtf8Pathname } from './pathname.ts'
export { codeFrame, formatPlace, type Place } from './span.ts'
export { nearest } from './suggest.ts'
export { countRequest, newTally, totalRequests, type Tally } from './tally.ts'
