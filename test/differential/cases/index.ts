/** All cases. */
import type { CaseGroup } from '../case.ts'
import { addCases } from './add.ts'
import { argCases } from './args.ts'
import { baseCases } from './base.ts'
import { configCases } from './config.ts'
import { copyDirectoryCases } from './copy-directories.ts'
import { copyCases } from './copy.ts'
import { errorCases } from './errors.ts'
import { excludeCases } from './exclude.ts'
import { expansionCases } from './expansion.ts'
import { heredocCases } from './heredoc.ts'
import { ignoreCases } from './ignore.ts'
import { linkCases } from './links.ts'
import { onbuildCases } from './onbuild.ts'
import { ownerModeCases } from './owners-modes.ts'
import { parentsCases } from './parents.ts'
import { platformCases } from './platforms.ts'
import { stageCases } from './stages.ts'
import { wildcardCases } from './wildcards.ts'
import { workdirCases } from './workdir.ts'

export const caseGroups: readonly CaseGroup[] = [
  copyCases,
  copyDirectoryCases,
  linkCases,
  ownerModeCases,
  wildcardCases,
  expansionCases,
  argCases,
  stageCases,
  configCases,
  workdirCases,
  onbuildCases,
  heredocCases,
  addCases,
  ignoreCases,
  excludeCases,
  parentsCases,
  errorCases,
  platformCases,
  baseCases,
]
