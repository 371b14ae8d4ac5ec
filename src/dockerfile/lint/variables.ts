/** Which words of an instruction have variables, and the rule UndefinedVar. */
import { expandHeredoc, expandWord, expandWords } from '../expand.ts'
import type { Escape, StageInstruction, Word } from '../instruction.ts'
import { orReport } from './globals.ts'
import type { Journal } from './journal.ts'
import type { Report } from './report.ts'
import type { Speller } from './spelling.ts'
import { variablePlace } from './variable-place.ts'

export interface VariableContext {
  readonly journal: Journal
  readonly escape: Escape
  readonly speller: Speller
  /** whether all variables of the base are known */
  readonly isBaseKnown: boolean
}

/** Never set in a build, and never missed. */
const silent = new Set(['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE'])

/** The words expanded in place; ARG and EXPOSE have rules of their own. */
export function wordsOf(instruction: StageInstruction): readonly (Word | undefined)[] {
  switch (instruction.keyword) {
    case 'ENV':
    case 'LABEL':
      return instruction.pairs.flatMap(({ name, value }) => [name, value])
    case 'ADD':
      return [
        instruction.chown,
        instruction.chmod,
        instruction.checksum,
        ...instruction.sources,
        instruction.destination,
      ]
    case 'COPY':
      return [instruction.chown, instruction.chmod, ...instruction.sources, instruction.destination]
    case 'WORKDIR':
      return [instruction.path]
    case 'USER':
      return [instruction.user]
    case 'VOLUME':
      return instruction.volumes
    case 'STOPSIGNAL':
      return [instruction.signal]
    case 'RUN':
      return instruction.mounts
    default:
      return []
  }
}

/** The texts of the words of an instruction, with what they refer to and is not there reported. */
export function expandInstruction(
  instruction: StageInstruction,
  context: VariableContext,
  report: Report,
): Map<Word, string> {
  const texts = new Map<Word, string>()
  for (const word of wordsOf(instruction)) if (word) texts.set(word, expandChecked(word, context, report))
  if (instruction.keyword !== 'COPY' && instruction.keyword !== 'ADD') return texts
  for (const { content, expand, place } of instruction.heredocs) {
    if (!expand) continue
    const expanded = orReport(report, () => expandHeredoc(content, context.journal, { place }))
    reportUndefined({ text: '', place }, expanded?.unmatched ?? [], context, report)
  }
  return texts
}

/** The word with variables replaced, or as it is when it cannot be expanded. */
export function expandChecked(word: Word, context: VariableContext, report: Report): string {
  if (!/["'$\\`<\uFEFF]/u.test(word.text)) return word.text
  const { text, place } = word
  const expanded = orReport(report, () => expandWord(text, context.journal, context.escape, { place }))
  if (expanded === undefined) return text
  reportUndefined(word, expanded.unmatched, context, report)
  return expanded.text
}

/** The words of EXPOSE; undefined variables in them are no finding of BuildKit's. */
export function splitChecked(word: Word, context: VariableContext, report: Report): readonly string[] {
  const { text, place } = word
  return orReport(report, () => expandWords(text, context.journal, context.escape, { place }))?.words ?? []
}

function reportUndefined(
  word: Word,
  unmatched: Iterable<string>,
  { journal, speller, isBaseKnown }: VariableContext,
  report: Report,
): void {
  for (const name of unmatched) {
    if (silent.has(name) || journal.isDeclared(name)) continue
    // BuildKit suggests variables with a value only; on an unknown base a slip of any name is all there is to find.
    const suggestion =
      speller.nearest(name, journal.names()) ??
      (isBaseKnown ? undefined : speller.nearest(name, journal.declaredNames()))
    if (!isBaseKnown && suggestion === undefined) continue
    report.add(
      'UndefinedVar',
      variablePlace(word, name),
      `Usage of undefined variable '$${name}'${suggestion === undefined ? '' : ` (did you mean $${suggestion}?)`}`,
    )
  }
}
