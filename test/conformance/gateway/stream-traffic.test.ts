import { streamTrafficCases } from './cases/stream-traffic.ts'
import { runCases } from './running-suite.ts'

await runCases('stream-traffic', streamTrafficCases)
