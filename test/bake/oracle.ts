/** What buildx makes of a case. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { BakeCase } from './case.ts'
import { comparable } from './subject.ts'

/** @param program folder with the program buildx */
export function printCase({ args = [], env = {} }: BakeCase, directory: string, program: string): unknown {
  const { status, stdout, stderr } = spawnSync(join(program, 'buildx'), ['bake', ...args, '--print'], {
    cwd: directory,
    env: { HOME: '/home/user', PATH: process.env['PATH'], ...env },
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`buildx: ${stderr}`)
  return comparable(JSON.parse(stdout))
}
