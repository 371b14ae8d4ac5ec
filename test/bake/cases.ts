/** All cases that are compared with buildx. */
import type { BakeCase } from './case.ts'
import { composeCases } from './compose-cases.ts'
import { fileCases } from './file-cases.ts'
import { languageCases } from './language-cases.ts'
import { targetCases } from './target-cases.ts'

export const bakeCases: readonly BakeCase[] = [
  ...languageCases,
  ...targetCases,
  ...fileCases,
  ...composeCases,
]
