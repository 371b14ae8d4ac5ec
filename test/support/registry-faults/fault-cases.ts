/** All faults of the table. */
import { answersCases } from './cases/answers.ts'
import { transportCases } from './cases/transport.ts'
import { uploadsCases } from './cases/uploads.ts'
import type { FaultCase } from './fault-case.ts'

export const faultCases: readonly FaultCase[] = [...transportCases, ...uploadsCases, ...answersCases]
