/** Texts of plan files, read from the disk or the standard input. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Failure, fileFailure, systemCode } from '../../base/index.ts'

export interface PlanFileText {
  /** path as shown to the user; `-` for the standard input */
  readonly file: string
  /** absolute; the working directory for the standard input */
  readonly path: string
  readonly text: string
}

/** @throws Failure PLAN_NOT_FOUND | FILE_SYSTEM */
export function readPlanFile(file: string, directory: string): PlanFileText {
  if (file === '-')
    return { file, path: resolve(directory, 'stdin'), text: readText(0, 'the standard input') }
  const path = resolve(directory, file)
  return { file, path, text: readText(path, file) }
}

function readText(source: string | number, file: string): string {
  try {
    return readFileSync(source, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT')
      throw new Failure('PLAN_NOT_FOUND', `plan ${file} does not exist`, {
        cause: error,
        hint: 'name a plan that is there: slipway bake -f FILE',
      })
    throw fileFailure('read plan', file, error)
  }
}
