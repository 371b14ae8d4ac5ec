/** BuildKit's own lint, asked through a real daemon: the measure of ours. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildkitPrograms } from '../../bench/peers/buildkit-programs.ts'
import { runProgram, startProgram } from '../support/program.ts'
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

/** Starts a daemon of its own. Needs root, runc and the programs that bench/peers builds. */
export async function startLintOracle(): Promise<LintOracle> {
  const programs = await buildkitPrograms()
  const folder = await temporaryFolder()
  const address = `unix://${folder.join('b.sock')}`
  const buildctl = (args: readonly string[]) =>
    runProgram(join(programs, 'buildctl'), ['--addr', address, ...args])
  await writeFile(folder.join('buildkitd.toml'), '')
  const daemon = await startProgram(
    join(programs, 'buildkitd'),
    [
      `--config=${folder.join('buildkitd.toml')}`,
      `--root=${folder.join('root')}`,
      `--addr=${address}`,
      '--containerd-worker=false',
      '--oci-worker-binary=runc',
      '--oci-worker-snapshotter=native',
      '--oci-worker-net=host',
      '--oci-worker-gc=false',
    ],
    { isReady: () => buildctl(['debug', 'workers']).then(() => true) },
  )
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
      return buildctl([
        'build',
        '--progress=quiet',
        '--frontend=dockerfile.v0',
        `--local=context=${context}`,
        `--local=dockerfile=${context}`,
        ...opts.flatMap((opt) => ['--opt', opt]),
      ]).then(
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
