import { listenerSetTrafficCases } from './cases/listener-set-traffic.ts'
import { runCases } from './running-suite.ts'

await runCases('listener-set-traffic', listenerSetTrafficCases)
