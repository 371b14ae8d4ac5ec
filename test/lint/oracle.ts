/** BuildKit's own lint, asked through a real daemon: the measure of ours. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startBuildkitd } from '../support/buildkitd.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import type { LintCase } from './cases.ts'

export interface OracleWarning {
  readonly rule: string
  readonly message: string
  /** lines of the instruction */
  readonly start: number
  readonly end: number
}

export interface OracleReport {
  readonly warnings: readonly OracleWarning[]
  /** why BuildKit could not even lint; what it says of the build itself buildctl does not show */
  readonly failure: string | undefined
}

export interface LintOracle extends AsyncDisposable {
  lint(request: Omit<LintCase, 'title' | 'expected'>): Promise<OracleReport>
}

/** Starts a daemon of its own. */
export async function startLintOracle(): Promise<LintOracle> {
  const daemon = await startBuildkitd()
  const folder = await temporaryFolder()
  let count = 0
  return {
    async lint({ text, buildArgs = {}, target, ignore }) {
      const context = folder.join(`c${++count}`)
      await mkdir(context)
      await writeFile(join(context, 'Dockerfile'), text)
      if (ignore !== undefined) await writeFile(join(context, '.dockerignore'), ignore)
      const opts = [
        'requestid=frontend.lint',
        ...(target === undefined ? [] : [`target=${target}`]),
        ...Object.entries(buildArgs).map(([name, value]) => `build-arg:${name}=${value}`),
      ]
      return daemon
        .buildctl([
          'build',
          '--progress=quiet',
          '--frontend=dockerfile.v0',
          `--local=context=${context}`,
          `--local=dockerfile=${context}`,
          ...opts.flatMap((opt) => ['--opt', opt]),
        ])
        .then(
          async ({ stdout }) => readReport(stdout),
          (error: Error) => ({ warnings: [], failure: error.message }),
        )
    },
    async [Symbol.asyncDispose]() {
      await daemon.stop()
      await folder.remove()
    },
  }
}

/** buildctl prints findings as text: rule and page, message, file and first line, the lines marked with `>>>`. */
function readReport(text: string): OracleReport {
  const warnings = text.split(/^WARNING: /mu).slice(1)
  return {
    failure: undefined,
    warnings: warnings.map((warning) => {
      const [, rule = '', message = '', line = ''] =
        /^(\S+)[^\n]*\n([\s\S]*?)\n[^\n:]+:(\d+)\n-{20}\n/u.exec(warning) ?? []
      const marked = [...warning.matchAll(/^ *(\d+) \| >>>/gmu)].map(([, number]) => Number(number))
      return { rule, message, start: Number(line), end: Math.max(Number(line), ...marked) }
    }),
  }
}
