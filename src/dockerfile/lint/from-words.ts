/** Image and platform of FROM: what they refer to, and the rules about them. */
import type { Escape, Word } from '../instruction.ts'
import type { Stage } from '../stages.ts'
import { expandOrReport, readGlobals, type Globals } from './globals.ts'
import { isImageName } from './image-name.ts'
import type { LintPlatform } from './finding.ts'
import { readPlatform } from './platform-name.ts'
import { newReport, type Report } from './report.ts'
import type { Speller } from './spelling.ts'
import { allOff } from './switches.ts'
import { variablePlace } from './variable-place.ts'

export interface FromContext {
  readonly globals: Globals
  readonly escape: Escape
  readonly report: Report
  readonly speller: Speller
  readonly host: LintPlatform
}

/** A FROM with its variables replaced. */
export interface FromWords {
  readonly image: string
  readonly platform: string | undefined
}

/** UndefinedArgInFrom, RedundantTargetPlatform, FromPlatformFlagConstDisallowed. */
export function checkFrom({ from, name = '' }: Stage, context: FromContext): FromWords {
  const own = { ...context, report: context.report.under(from.comments) }
  const image = expand(from.image, own)?.text ?? ''
  if (from.platform === undefined) return { image, platform: undefined }
  const { text: written, place } = from.platform
  const expanded = expand(from.platform, own)
  if (expanded === undefined) return { image, platform: undefined }
  const { text, used, unmatched } = expanded
  const isTarget = used.size === 1 && unmatched.size === 0 && used.has('TARGETPLATFORM')
  if (isTarget && text === context.globals.values.get('TARGETPLATFORM')) {
    own.report.add(
      'RedundantTargetPlatform',
      place,
      `Setting platform to predefined ${written} in FROM is redundant as this is the default behavior`,
      'leave --platform out',
    )
  }
  const constant = used.size === 0 && unmatched.size === 0 ? readPlatform(text, context.host) : undefined
  if (constant && !name.includes(constant.os) && !name.includes(constant.architecture)) {
    own.report.add(
      'FromPlatformFlagConstDisallowed',
      place,
      `FROM --platform flag should not use constant value ${JSON.stringify(text)}`,
    )
  }
  return { image, platform: text }
}

function expand(word: Word, { globals, escape, report, speller }: FromContext) {
  const expanded = expandOrReport(word, globals.values, { escape, report })
  for (const name of expanded?.unmatched ?? []) {
    if (globals.declared.has(name)) continue
    const suggestion = speller.nearest(name, namesOf(globals))
    report.add(
      'UndefinedArgInFrom',
      variablePlace(word, name),
      `FROM argument '${name}' is not declared${suggestion === undefined ? '' : ` (did you mean ${suggestion}?)`}`,
      'declare it with an ARG before the first FROM',
    )
  }
  return expanded
}

function* namesOf({ values, declared }: Globals): Iterable<string> {
  yield* declared
  yield* values.keys()
}

/** InvalidDefaultArgInFrom: FROM names an image with nothing but defaults. */
export function checkDefaultImages(
  stages: readonly Stage[],
  args: Parameters<typeof readGlobals>[0],
  context: { start: ReadonlyMap<string, string>; escape: Escape; report: Report },
): void {
  const { escape, start, report } = context
  const silent = newReport(allOff)
  const { values } = readGlobals(args, start, { given: {}, escape, report: silent })
  if (silent.finish().failure) return
  for (const { from } of stages) {
    const image = expandOrReport(from.image, values, { escape, report: silent })
    if (image === undefined) return
    if (isImageName(image.text)) continue
    report.add(
      'InvalidDefaultArgInFrom',
      from.image.place,
      `Default value for ARG ${from.image.text} results in empty or invalid base image name`,
      'give its ARG a default, or write ${NAME:-image}',
    )
  }
}
