/** `slipway operator package` and `slipway operator lint` as processes. */
import { resolve } from 'node:path'
import { Failure, newTally } from '../base/index.ts'
import { loadKubeSchema } from '../kube/index.ts'
import { parseReference } from '../oci/index.ts'
import {
  builtInPackages,
  lintPackage,
  loadPackageFolder,
  pushPackageFolder,
  type Package,
} from '../operator/index.ts'
import { abortOnSignals } from './interruption.ts'
import type { LintFlags, PushFlags } from './operator-command.ts'
import { registryPool } from './registry-pool.ts'

/** Only what can be read back is pushed. */
export async function runPackagePush(folder: string, name: string, flags: PushFlags): Promise<void> {
  const reference = parseReference(name)
  if (reference.digest !== undefined)
    throw new Failure('USAGE', `${name} names a digest, which comes from what is pushed`, {
      hint: 'name a tag or none',
    })
  const controller = new AbortController()
  const { signal } = controller
  const interruptions = abortOnSignals(controller)
  const pool = registryPool({
    tally: newTally(),
    emit: () => undefined,
    signal,
    insecure: flags.insecureRegistry,
  })
  try {
    const registry = pool.open(reference.registry)
    const source = await pushPackageFolder(resolve(folder), registry, reference, { signal })
    process.stdout.write(`${source}\n`)
  } finally {
    interruptions.release()
    await pool.close()
  }
}

export async function runLint(what: string, flags: LintFlags): Promise<void> {
  const schema = await loadKubeSchema()
  const from = await packageOf(what)
  const findings = lintPackage(from, schema)
  if (flags.json) process.stdout.write(`${JSON.stringify(findings, undefined, 2)}\n`)
  else
    for (const { severity, rule, message } of findings)
      process.stdout.write(`${severity}: ${message} [${rule}]\n`)
  const errors = findings.filter(({ severity }) => severity === 'error').length
  if (!flags.json)
    process.stdout.write(
      `${from.name} ${from.version}: ${errors} errors, ${findings.length - errors} warnings\n`,
    )
  if (errors > 0) process.exitCode = 1
}

export function runPackageList(): void {
  for (const { name, version, description } of builtInPackages.packages)
    process.stdout.write(`${name}@${version}  ${description}\n`)
}

export async function runPackageSchema(what: string): Promise<void> {
  const { jsonSchema } = await packageOf(what)
  process.stdout.write(`${JSON.stringify(jsonSchema(), undefined, 2)}\n`)
}

/** `PACKAGE@VERSION`, or a folder. */
async function packageOf(what: string): Promise<Package> {
  const reference = /^([a-z0-9-]+)@(\d+\.\d+\.\d+\S*)$/.exec(what)
  return reference
    ? builtInPackages.find(reference[1]!, reference[2]!)
    : loadPackageFolder(resolve(what), what)
}
