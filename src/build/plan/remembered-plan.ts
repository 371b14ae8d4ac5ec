/**
 * A plan of our own format as it was read before: reading one costs the loading of a YAML parser and a schema, and its
 * meaning depends on its text alone. Plans of other formats are read anew.
 */
import { hash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { deserialize, serialize } from 'node:v8'
import type { MemoStore } from '../memo/build-memos.ts'
import type { LoadOptions } from './load.ts'
import type { Plan } from './model.ts'
import { projectRoot } from './project-root.ts'

/** @throws Failure PLAN_NOT_FOUND | PLAN_INVALID | FILE_SYSTEM | USAGE */
export async function openPlan(options: LoadOptions, memos?: MemoStore): Promise<Plan> {
  const file = slipwayFile(options)
  const path = file && resolve(options.directory, file)
  const text = path && textOf(path)
  const key = text && hash('sha256', `plan ${process.version} ${file} ${text}`)
  const known = key && memos?.read(key)
  if (known && path) {
    const plan = deserialize(Buffer.from(known, 'base64')) as Plan
    return { ...plan, root: projectRoot(path, options), env: options.env }
  }
  const { loadPlan } = await import('./load.ts')
  const plan = await loadPlan(options)
  if (key && plan.format === 'slipway')
    memos?.write(key, serialize({ ...plan, root: '', env: {} }).toString('base64'))
  return plan
}

/** The plan file, if it may be of our own format and nothing else makes the plan. */
function slipwayFile({
  files = [],
  directory,
  overrides = [],
  variables = {},
}: LoadOptions): string | undefined {
  if (overrides.length > 0 || Object.keys(variables).length > 0 || files.length > 1) return undefined
  const file =
    files[0] ?? ['slipway.yaml', 'slipway.yml'].find((name) => existsSync(resolve(directory, name)))
  return file !== undefined && /\.ya?ml$/.test(file) ? file : undefined
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // reading it for good says why
    return undefined
  }
}
