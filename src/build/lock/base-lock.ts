/**
 * The lock file: to which digests the names of base images led when it was written (docs/adr/0009-lock-file.md).
 * Text in, text out; one line for each digest, in byte order, so that merges seldom conflict.
 */
import * as z from 'zod/mini'
import { Failure, type Place } from '../../base/index.ts'
import {
  formatPlatform,
  formatReference,
  isDigest,
  parsePlatform,
  parseReference,
  type Digest,
} from '../../oci/index.ts'
import { checkSchema, parseYaml, withOthers } from '../../yaml/index.ts'

export interface LockedBase {
  /** of the index, or of the manifest of a base without one */
  readonly digest: Digest
  /** digests of manifests by platform; a platform that is not here is looked up in the index */
  readonly platforms: ReadonlyMap<string, Digest>
  /** absent before it is written */
  readonly at?: Place
}

/** By reference, as `formatReference` writes it. */
export type LockedBases = ReadonlyMap<string, LockedBase>

export interface BaseLock {
  /** path as shown to the user */
  readonly file: string
  readonly bases: LockedBases
}

const code = 'LOCK_INVALID'
const digest = () => z.string().check(z.refine((text) => isDigest(text), 'is not a digest'))

const lockSchema = z.strictObject({
  version: z.literal(1),
  bases: z.record(
    z.string(),
    z.strictObject({ digest: digest(), platforms: z.record(z.string(), digest()) }),
  ),
})

/** @throws Failure LOCK_INVALID with the place, all problems of the file in one */
export function readLock(text: string, file: string): BaseLock {
  refuseConflict(text, file)
  const document = parseYaml(text, file, { code })
  const { bases } = checkSchema(document, lockSchema, { code })
  const problems: Failure[] = []
  const expectKey = (path: readonly string[], written: string, normal: () => string): void => {
    const found = textOf(normal)
    if (found === written) return
    const at = document.placeOf(path, 'key')
    const hint = found === undefined ? undefined : `write ${found}`
    problems.push(new Failure(code, `"${written}" is not how ${file} names it`, { at, hint }))
  }
  for (const [reference, { platforms }] of Object.entries(bases)) {
    const path = ['bases', reference]
    expectKey(path, reference, () => formatReference(parseReference(reference)))
    for (const platform of Object.keys(platforms))
      expectKey([...path, 'platforms', platform], platform, () => formatPlatform(parsePlatform(platform)))
  }
  if (problems.length > 0) throw withOthers(problems)
  const entries = Object.entries(bases).map(([reference, base]) => {
    const platforms = new Map(Object.entries(base.platforms) as [string, Digest][])
    const at = document.placeOf(['bases', reference], 'key')
    return [reference, { digest: base.digest as Digest, platforms, at }] as const
  })
  return { file, bases: new Map(entries) }
}

/** The text of a lock file. `plan`: the file it belongs to. */
export function formatLock(bases: LockedBases, plan: string): string {
  const lines = sorted(bases).flatMap(([reference, base]) => [
    `  ${key(reference)}:`,
    `    digest: ${base.digest}`,
    '    platforms:',
    ...sorted(base.platforms).map(([platform, found]) => `      ${key(platform)}: ${found}`),
  ])
  return [
    `# Base images of ${plan}, made by "slipway bake --lock". Commit it.`,
    '# "slipway bake --update-bases" moves them. After a merge with conflicts keep either side and lock again.',
    'version: 1',
    lines.length === 0 ? 'bases: {}' : 'bases:',
    ...lines,
    '',
  ].join('\n')
}

function sorted<T>(map: ReadonlyMap<string, T>): (readonly [string, T])[] {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** Plain text but for `[::1]:5000/name`, which YAML would take for a list. */
function key(text: string): string {
  return /^[A-Za-z0-9]/.test(text) ? text : JSON.stringify(text)
}

function textOf(make: () => string): string | undefined {
  try {
    return make()
  } catch (error) {
    if (error instanceof Failure) return undefined
    throw error
  }
}

/** What git leaves in a file is no YAML, and says so in a way nobody understands. */
function refuseConflict(text: string, file: string): void {
  const lines = text.split('\n')
  const index = lines.findIndex((line) => /^(?:<{7}|>{7}|={7})(?: |$)/.test(line))
  if (index < 0) return
  throw new Failure(code, `${file} has a merge conflict`, {
    at: { file, line: index + 1, column: 1, endColumn: 8, lineText: lines[index]! },
    hint: 'keep either side, then run: slipway bake --lock',
  })
}
