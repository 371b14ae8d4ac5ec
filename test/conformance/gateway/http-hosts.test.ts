import { httpHostCases } from './cases/http-hosts.ts'
import { runCases } from './running-suite.ts'

await runCases('http-hosts', httpHostCases)
