import { httpCorsCases } from './cases/http-cors.ts'
import { httpFilterCases } from './cases/http-filters.ts'
import { httpMirrorCases } from './cases/http-mirrors.ts'
import { runCases } from './running-suite.ts'

await runCases('http-filters', [...httpFilterCases, ...httpMirrorCases, ...httpCorsCases])
