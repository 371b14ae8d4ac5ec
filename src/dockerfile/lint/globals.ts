/** What is known before the first FROM: platform arguments, build arguments and the ARGs at the top of the file. */
import { Failure } from '../../base/index.ts'
import { expandWord } from '../expand.ts'
import type { Escape, Word } from '../instruction.ts'
import type { Environment } from '../lexer.ts'
import type { Stages } from '../stages.ts'
import type { LintOptions, LintPlatform } from './finding.ts'
import { formatLintPlatform } from './platform-name.ts'
import type { Report } from './report.ts'

/** Longer values are cut: lint looks at their beginnings only, and values made of values can grow without end. */
const longestValue = 512

export interface Globals {
  readonly values: ReadonlyMap<string, string>
  /** names of the ARGs before the first FROM, with and without a value */
  readonly declared: ReadonlySet<string>
}

export interface Platforms {
  readonly target: LintPlatform
  readonly build: LintPlatform
}

export function platformsOf({ targetPlatform, buildPlatform }: LintOptions): Platforms {
  const target = targetPlatform ?? { os: 'linux', architecture: 'amd64' }
  return { target, build: buildPlatform ?? target }
}

/** Values of platform arguments before any ARG, `given` in their place. */
export function platformValues(
  { target, build }: Platforms,
  stage: string,
  given: Readonly<Record<string, string>>,
): Map<string, string> {
  const values = new Map<string, string>()
  for (const [prefix, platform] of [
    ['BUILD', build],
    ['TARGET', target],
  ] as const) {
    values.set(`${prefix}PLATFORM`, formatLintPlatform(platform))
    values.set(`${prefix}OS`, platform.os)
    values.set(`${prefix}OSVERSION`, platform['os.version'] ?? '')
    values.set(`${prefix}ARCH`, platform.architecture)
    values.set(`${prefix}VARIANT`, platform.variant ?? '')
  }
  values.set('TARGETSTAGE', stage)
  for (const name of values.keys()) if (Object.hasOwn(given, name)) values.set(name, cutValue(given[name]!))
  return values
}

/** The values after the ARGs at the top of the file. */
export function readGlobals(
  { globalArgs }: Pick<Stages, 'globalArgs'>,
  start: ReadonlyMap<string, string>,
  context: { given: Readonly<Record<string, string>>; escape: Escape; report: Report },
): Globals {
  const values = new Map(start)
  const declared = new Set<string>()
  for (const { pairs } of globalArgs) {
    for (const { name, value } of pairs) {
      declared.add(name.text)
      const text = Object.hasOwn(context.given, name.text)
        ? context.given[name.text]
        : value && expandOrReport(value, values, context)?.text
      if (text !== undefined) values.set(name.text, cutValue(text))
    }
  }
  return { values, declared }
}

/** The word expanded; nothing when it cannot be, which is reported. */
export function expandOrReport(
  { text, place }: Word,
  env: Environment,
  { escape, report }: { escape: Escape; report: Report },
): ReturnType<typeof expandWord> | undefined {
  return orReport(report, () => expandWord(text, env, escape, { place }))
}

export function orReport<T>(report: Report, read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    report.fail(error)
    return undefined
  }
}

export function cutValue(value: string): string {
  return value.slice(0, longestValue)
}
