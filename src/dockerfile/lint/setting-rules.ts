/** WORKDIR, ENV, LABEL, ARG and MAINTAINER. */
import type { Instruction, StageInstruction, Word } from '../instruction.ts'
import type { Report } from './report.ts'
import { writtenKeyword } from './spelling.ts'
import type { StageView } from './stage-view.ts'

const secret = /(?:_|^)(?:apikey|auth|credentials?|key|password|pword|passwd|secret|token)(?:_|$)/iu
const noSecret = /(?:_|^)(?:public|file|version)(?:_|$)/iu

/** WorkdirRelativePath: only the first WORKDIR matters, for the others are relative to it. */
export function checkWorkdir(instruction: StageInstruction, view: StageView, report: Report): void {
  if (instruction.keyword !== 'WORKDIR' || view.hasWorkdir) return
  const path = view.text(instruction.path)
  const isAbsolute = view.os === 'windows' ? /^(?:[a-zA-Z]:)?[\\/]/u.test(path) : path.startsWith('/')
  if (isAbsolute) return
  report.add(
    'WorkdirRelativePath',
    instruction.path.place,
    `Relative workdir ${JSON.stringify(path)} can have unexpected results if the base image changes`,
    'begin it with /',
  )
}

/** LegacyKeyValueFormat. */
export function checkPairs(instruction: StageInstruction, _view: StageView, report: Report): void {
  if ((instruction.keyword !== 'ENV' && instruction.keyword !== 'LABEL') || !instruction.legacyForm) return
  const written = writtenKeyword(instruction)
  report.add(
    'LegacyKeyValueFormat',
    instruction.pairs[0]?.name.place ?? instruction.place,
    `"${written} key=value" should be used instead of legacy "${written} key value" format`,
  )
}

/** SecretsUsedInArgOrEnv. */
export function checkSecrets(instruction: StageInstruction, view: StageView, report: Report): void {
  const { keyword } = instruction
  if (keyword === 'ARG') for (const { name } of instruction.pairs) check(name, name.text)
  if (keyword === 'ENV') for (const { name } of instruction.pairs) check(name, view.text(name))

  function check({ place }: Word, name: string): void {
    if (!secret.test(name) || noSecret.test(name)) return
    report.add(
      'SecretsUsedInArgOrEnv',
      place,
      `Do not use ARG or ENV instructions for sensitive data (${keyword} ${JSON.stringify(name)})`,
      'use RUN --mount=type=secret',
    )
  }
}

/** MaintainerDeprecated. */
export function checkMaintainers(instructions: readonly Instruction[], report: Report): void {
  for (const { keyword, place, comments } of instructions) {
    if (keyword !== 'MAINTAINER') continue
    report
      .under(comments)
      .add(
        'MaintainerDeprecated',
        place,
        'Maintainer instruction is deprecated in favor of using label',
        'write LABEL org.opencontainers.image.authors="..."',
      )
  }
}
