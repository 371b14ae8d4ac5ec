/** CopyIgnoredFile. */
import { posix } from 'node:path'
import type { StageInstruction } from '../instruction.ts'
import type { Report } from './report.ts'
import type { StageView } from './stage-view.ts'

const remote = /^(?:https?|git|ssh):\/\/|^git@/u

/** With "!" patterns nothing is said: what they bring back below a folder takes the files themselves to know. */
export function checkSources(instruction: StageInstruction, view: StageView, report: Report): void {
  const { ignore } = view
  if (ignore === undefined || ignore.isEmpty || ignore.hasExceptions) return
  if (instruction.keyword !== 'ADD' && (instruction.keyword !== 'COPY' || instruction.from)) return
  const verb = instruction.keyword === 'ADD' ? 'Add' : 'Copy'
  for (const source of instruction.sources) {
    const text = view.text(source)
    if (remote.test(text)) continue
    const path = cleanPath(text)
    const isIgnored = path === '.' || path === '/' ? ignore.excludesAll : ignore.excludes(path)
    if (!isIgnored) continue
    report.add(
      'CopyIgnoredFile',
      source.place,
      `Attempting to ${verb} file ${JSON.stringify(path)} that is excluded by .dockerignore`,
    )
  }
}

function cleanPath(path: string): string {
  const normal = posix.normalize(path)
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal
}
