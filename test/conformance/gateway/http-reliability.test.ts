import { httpReliabilityCases } from './cases/http-reliability.ts'
import { runCases } from './running-suite.ts'

await runCases('http-reliability', httpReliabilityCases)
