import { httpFilterCases } from './cases/http-filters.ts'
import { runCases } from './running-suite.ts'

await runCases('http-filters', httpFilterCases)
