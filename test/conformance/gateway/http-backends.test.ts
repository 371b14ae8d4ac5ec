import { httpBackendCases } from './cases/http-backends.ts'
import { runCases } from './running-suite.ts'

await runCases('http-backends', httpBackendCases)
