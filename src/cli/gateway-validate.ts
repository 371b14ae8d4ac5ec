/** `slipway gateway validate`: what is wrong with the objects, for people, scripts and code hosts. */
import { Failure } from '../base/index.ts'
import { validateConfig } from '../gateway/index.ts'
import { readConfigFlags, type ConfigFlags } from './gateway-flags.ts'
import { diagnosticLines, diagnosticReport } from './report/gateway-diagnostics.ts'
import { diagnosticSarif } from './report/gateway-sarif.ts'
import { plural } from './report/units.ts'

export interface ValidateFlags extends ConfigFlags {
  readonly format: string
}

/** Sets exit status 1 when there is an error. @throws Failure USAGE | GATEWAY_CONFIG */
export async function validateAction(paths: readonly string[], flags: ValidateFlags): Promise<void> {
  if (!['text', 'json', 'sarif'].includes(flags.format))
    throw new Failure('USAGE', `"${flags.format}" is not a format of validate`, {
      hint: 'it is text, json or sarif',
    })
  const { diagnostics, files, objects } = await validateConfig(await readConfigFlags(flags, paths))
  const count = (severity: string) => diagnostics.filter((each) => each.severity === severity).length
  const [errors, warnings] = [count('error'), count('warning')]
  const { stdout } = process
  if (flags.format === 'json')
    stdout.write(
      `${JSON.stringify({ files, objects, errors, warnings, diagnostics: diagnostics.map(diagnosticReport) }, undefined, 2)}\n`,
    )
  else if (flags.format === 'sarif')
    stdout.write(`${JSON.stringify(diagnosticSarif(diagnostics), undefined, 2)}\n`)
  else {
    for (const diagnostic of diagnostics) stdout.write(`${diagnosticLines(diagnostic, stdout).join('\n')}\n`)
    stdout.write(
      `${plural(objects, 'object')} in ${plural(files, 'file')}: ${plural(errors, 'error')}, ${plural(warnings, 'warning')}\n`,
    )
  }
  if (errors > 0) process.exitCode = 1
}
