/** What Slipway makes of a case, in the form buildx prints. */
import { readBakeFiles, resolveLoaded } from '../../src/build/plan/bake/load-bake.ts'
import { bakeDefinition } from '../../src/build/plan/bake/definition.ts'
import { readPlanFile } from '../../src/build/plan/file-texts.ts'
import { findPlan } from '../../src/build/plan/load.ts'
import type { BakeCase } from './case.ts'

/** `directory` holds the files of the case. Equal to a golden once it went through `comparable`. */
export function defineCase({ args = [], env = {} }: BakeCase, directory: string): unknown {
  const { files, names, overrides, variables } = readArguments(args)
  const options = { directory, env: { HOME: '/home/user', ...env }, names, overrides, variables }
  const texts = findPlan({ ...options, files }).map((file) => readPlanFile(file, directory))
  return comparable(bakeDefinition(resolveLoaded(readBakeFiles(texts, options), 'the case', options)))
}

/** What the arguments of a case ask for. */
export function readArguments(args: readonly string[]) {
  const files: string[] = []
  const names: string[] = []
  const overrides: string[] = []
  const variables: Record<string, string> = {}
  for (let index = 0; index < args.length; index++) {
    const flag = args[index]!
    if (flag === '-f') files.push(args[++index]!)
    else if (flag === '--set') overrides.push(args[++index]!)
    else if (flag === '--var') {
      const [name = '', value = ''] = args[++index]!.split(/=(.*)/s)
      variables[name] = value
    } else names.push(flag)
  }
  return { files, names, overrides, variables }
}

/** Lists whose order buildx leaves to chance, in one order. */
export function comparable(definition: unknown): unknown {
  const copy = structuredClone(definition) as {
    group?: Record<string, { targets: string[] }>
    target: Record<string, Record<string, unknown>>
  }
  for (const group of Object.values(copy.group ?? {})) group.targets.sort()
  for (const target of Object.values(copy.target)) {
    for (const name of ['output', 'cache-from', 'cache-to', 'secret', 'ssh', 'attest', 'ulimits'] as const) {
      const list = target[name]
      if (Array.isArray(list)) target[name] = list.toSorted((a, b) => (text(a) < text(b) ? -1 : 1))
    }
  }
  return copy
}

function text(value: unknown): string {
  return JSON.stringify(
    typeof value === 'object' && value !== null
      ? Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
      : value,
  )
}
