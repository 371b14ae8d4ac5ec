/**
 * The virtual context: files listed in the plan, wherever they lie, as if they were in one folder.
 * The rule and its reasons: docs/adr/0003-virtual-context.md.
 */
import { posix, resolve } from 'node:path'
import { Failure, formatPlace } from '../../base/index.ts'
import { expand, type Scope } from './expand.ts'
import type { ContextFile, PlanFile } from './model.ts'
import { platformVariableNames } from './platform-variables.ts'

/**
 * Files of one image for one platform, sorted by name.
 * @throws Failure PLAN_INVALID when two files would have one name
 */
export function contextFiles(
  listed: readonly PlanFile[],
  scope: Scope,
  place: { readonly root: string; readonly architecture: string },
): ContextFile[] {
  const byName = new Map<string, ContextFile>()
  for (const entry of listed) {
    const file = contextFile(entry, scope, place)
    const other = byName.get(file.name)
    if (other && other.source !== file.source) throw clash(other, file)
    if (!other) byName.set(file.name, file)
  }
  return [...byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function contextFile(
  { from, to }: PlanFile,
  scope: Scope,
  { root, architecture }: { readonly root: string; readonly architecture: string },
): ContextFile {
  const { text, used } = expand(from, scope)
  const source = resolve(root, text)
  const architectureSpecific = [...used].some((name) => platformVariableNames.has(name))
  if (to) {
    const name = posix.normalize(expand(to, scope).text).replace(/^\/+|\/+$/g, '')
    if (name === '' || name === '.' || name === '..' || name.startsWith('../'))
      throw new Failure('PLAN_INVALID', `"${to.text}" is not a path inside the build context`, { at: to.at })
    return { name, alias: undefined, source, from, architectureSpecific }
  }
  const base = posix.basename(source)
  if (base === '' || source === resolve(root))
    throw new Failure('PLAN_INVALID', `"${from.text}" is the whole project and no file of a context`, {
      at: from.at,
      hint: 'list the files, or give the image a context folder: context: .',
    })
  return architectureSpecific
    ? { name: `${architecture}/${base}`, alias: base, source, from, architectureSpecific }
    : { name: base, alias: undefined, source, from, architectureSpecific }
}

function clash(first: ContextFile, second: ContextFile): Failure {
  return new Failure(
    'PLAN_INVALID',
    `"${second.from.text}" and "${first.from.text}" (${formatPlace(first.from.at)}) would both be ${second.name} in the build context`,
    {
      at: second.from.at,
      hint: `give one another name: { from: ${second.from.text}, to: other-${posix.basename(second.name)} }`,
    },
  )
}
