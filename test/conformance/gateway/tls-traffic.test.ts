import { tlsTrafficCases } from './cases/tls-traffic.ts'
import { runCases } from './running-suite.ts'

await runCases('tls-traffic', tlsTrafficCases)
