import { httpMatchingCases } from './cases/http-matching.ts'
import { runCases } from './running-suite.ts'

await runCases('http-matching', httpMatchingCases)
