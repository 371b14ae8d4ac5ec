/** crane, an independent reader of registries and archives, which proves digests and diff ids. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { crane, findGoPrograms } from './go-programs.ts'
import { runProgram } from './program.ts'
import { requirePart } from './require-part.ts'

type Environment = Readonly<Record<string, string>>

/** For the `skip` option of a test. */
export async function skipWithoutCrane(): Promise<string | false> {
  return requirePart(`crane ${crane.version}`, (await findGoPrograms(crane)) !== undefined)
}

export async function runCrane(args: readonly string[], env: Environment = {}): Promise<string> {
  const folder = await findGoPrograms(crane)
  if (folder === undefined) throw new Error('crane has not been built; npm run test:setup builds it')
  return (await runProgram(join(folder, 'crane'), args, { env })).stdout.trim()
}

/**
 * `crane validate` of `--remote NAME` or `--tarball FILE`. It takes every layer of a registry for gzip, and all of an
 * archive if the first is: where others are among them (`isReadable` is false) it proves documents only.
 */
export async function craneValidate(
  what: readonly string[],
  isReadable: boolean,
  env: Environment = {},
): Promise<void> {
  if (isReadable) {
    await runCrane(['validate', ...what], env)
    return
  }
  await assert.rejects(runCrane(['validate', ...what], env), /gzip: invalid header/)
  await runCrane(['validate', '--fast', ...what], env)
}
