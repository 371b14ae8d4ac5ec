/** Our lint beside BuildKit's: rules, messages and lines of every case of test/lint. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { lintDockerfile, parseDockerfile, parseIgnore, type Finding } from '../../src/dockerfile/index.ts'
import { lintCases, type LintCase } from '../lint/cases.ts'
import { startLintOracle, type LintOracle, type OracleWarning } from '../lint/oracle.ts'
import { skipWithoutBuildkitd } from '../support/buildkitd.ts'

describe('lint is what BuildKit says', { skip: await skipWithoutBuildkitd() }, () => {
  let oracle: LintOracle
  before(async () => {
    oracle = await startLintOracle()
  })
  after(async () => oracle[Symbol.asyncDispose]())

  for (const lintCase of lintCases.filter(({ ours }) => ours === undefined)) {
    test(lintCase.title, async () => {
      const { warnings } = await oracle.lint(lintCase)
      const findings = lint(lintCase)
      const texts = (all: readonly { rule: string; message: string }[]): string[] =>
        [...new Set(all.map(({ rule, message }) => `${rule}: ${message}`))].toSorted()
      assert.deepEqual(texts(findings), texts(warnings))
      for (const finding of findings) {
        assert.ok(
          warnings.some((warning) => isSame(finding, warning)),
          `${finding.rule} in line ${finding.place.line} of ${JSON.stringify(warnings)}`,
        )
      }
    })
  }
})

/** BuildKit marks whole instructions, we words of them; an empty line it reports at the end of the instruction. */
function isSame({ rule, message, place }: Finding, warning: OracleWarning): boolean {
  if (rule !== warning.rule || message !== warning.message) return false
  if (rule === 'NoEmptyContinuation') return place.line < warning.start
  return warning.start <= place.line && place.line <= warning.end
}

function lint({ text, buildArgs, target, ignore, failure }: LintCase): readonly Finding[] {
  try {
    return lintDockerfile(parseDockerfile(text, 'Dockerfile'), {
      ...(buildArgs && { buildArgs }),
      target,
      ignore: ignore === undefined ? undefined : parseIgnore(ignore, '.dockerignore'),
    }).findings
  } catch (error) {
    if (failure === undefined) throw error
    return []
  }
}
