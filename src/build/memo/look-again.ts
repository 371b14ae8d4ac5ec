/** Looks at the inputs of remembered builds again, each path once in a run however many builds depend on it. */
import { lstatSync, readFileSync } from 'node:fs'
import { fsPath, systemCode } from '../../base/index.ts'
import { hostLink, hostNames } from '../context/folder.ts'
import { exists, nothing, observeNames, observeStats, observeText } from '../context/observation.ts'
import type { BuildInputs, SeenInputs } from './inputs.ts'

/** What is not as it was, such as `config/bootstrap.json`; nothing when all is. */
export type LookAgain = (inputs: BuildInputs) => string | undefined

/** How each kind of input is looked at. */
export const looks: Readonly<Record<keyof SeenInputs, (path: string) => string>> = {
  nodes: nodeNow,
  names: (path) => whileThere(() => observeNames(hostNames(path))),
  texts: (path) => whileThere(() => observeText(readFileSync(path, 'utf8'))),
}

export function lookAgain(): LookAgain {
  const node = remembering(looks.nodes)
  const names = remembering(looks.names)
  const text = remembering(looks.texts)
  return (inputs) =>
    changedPath(inputs.nodes, (path, then) =>
      then === exists ? node(path) !== nothing : node(path) === then,
    ) ??
    changedPath(inputs.names, (path, then) => names(path) === then) ??
    changedPath(inputs.texts, (path, then) => text(path) === then)
}

function changedPath(
  observations: Readonly<Record<string, string>>,
  isSame: (path: string, then: string) => boolean,
): string | undefined {
  for (const path in observations) if (!isSame(path, observations[path]!)) return path
  return undefined
}

function remembering(look: (path: string) => string): (path: string) => string {
  const seen = new Map<string, string>()
  return (path) => {
    let observation = seen.get(path)
    if (observation === undefined) seen.set(path, (observation = look(path)))
    return observation
  }
}

function nodeNow(path: string): string {
  return whileThere(() => {
    const stats = lstatSync(fsPath(path), { bigint: true })
    return observeStats(stats, stats.isSymbolicLink() ? hostLink(path) : undefined)
  })
}

/** What cannot be looked at is not as it was: evaluating the build says why. */
function whileThere(look: () => string): string {
  try {
    return look()
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return nothing
    if (systemCode(error) !== undefined) return '?'
    throw error
  }
}
