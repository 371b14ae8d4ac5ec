/** The parser for Dockerfiles (https://docs.docker.com/reference/dockerfile/); BuildKit's parser is the measure. */
import type { Place } from '../base/index.ts'
import { readDirectives } from './directives.ts'
import { quote, syntaxFailure } from './failures.ts'
import { readHeredocs } from './heredoc.ts'
import type { Dockerfile, Instruction, StageInstruction, Warning } from './instruction.ts'
import {
  isComment,
  isEmpty,
  joinLines,
  type Locate,
  locateIn,
  type LogicalLine,
  placeOf,
  readLines,
  type SourceLine,
} from './lines.ts'
import { parseStatement } from './parse-instruction.ts'
import { type Source, splitStatement } from './statement.ts'
import { trimSpace } from './whitespace.ts'

/**
 * Parses the text of a Dockerfile; `file` is only shown. Time is linear in the text.
 * Throws `DOCKERFILE_SYNTAX` for everything BuildKit's parser refuses, except that lines may be longer than 64 KiB.
 * The order and the presence of FROM are the matter of `splitStages`.
 */
export function parseDockerfile(text: string, file: string): Dockerfile {
  return parse(text, file, locateIn(file))
}

/**
 * Parses the text of one ONBUILD trigger, as it stands in the config of a base image. The escape character is a
 * backslash whatever the Dockerfile at hand says; `place` is the place of everything in it.
 * Throws `DOCKERFILE_SYNTAX`, also for FROM and when there is not exactly one instruction.
 */
export function parseInstruction(text: string, place: Place): StageInstruction {
  const { instructions } = parse(text, place.file, () => place)
  const [instruction] = instructions
  if (instructions.length !== 1 || instruction === undefined || instruction.keyword === 'FROM') {
    throw syntaxFailure(`the ONBUILD trigger ${quote(text)} is not exactly one instruction of a stage`, place)
  }
  return instruction
}

function parse(text: string, file: string, locate: Locate): Dockerfile {
  const reader = readLines(text)
  const directives = readDirectives(file)
  const instructions: Instruction[] = []
  const warnings: Warning[] = []
  let comments: string[] = []
  for (let line = reader.next(); line !== undefined; line = reader.next()) {
    if (directives.accept(line)) continue
    if (isComment(line.text)) {
      const comment = trimSpace(trimSpace(line.text).slice(1))
      if (comment === '') comments = []
      else comments.push(comment)
      continue
    }
    if (isEmpty(line.text)) continue
    const logical = joinLines(line, reader, directives.escape)
    if (logical.emptyLine !== undefined) warnings.push(emptyLineWarning(file, logical.emptyLine, logical))
    const source: Source = { escape: directives.escape, locate, warn: (warning) => warnings.push(warning) }
    let endLine = logical.endLine
    const countingReader = {
      next: () => {
        const next = reader.next()
        if (next) endLine = next.number
        return next
      },
      slice: reader.slice,
    }
    const statement = splitStatement(logical, source)
    const heredocs = readHeredocs(statement, source, countingReader)
    instructions.push(parseStatement(statement, { heredocs, comments, endLine }))
    comments = []
  }
  if (instructions.length === 0) {
    throw syntaxFailure('the file has no instructions', locate(startOf(text), 0, 1), 'write FROM <image>')
  }
  return { file, escape: directives.escape, directives: directives.directives, instructions, warnings }
}

function startOf(text: string): LogicalLine {
  const line = readLines(text).next() ?? { text: '', number: 1, start: 0 }
  return { text: line.text, segments: [{ start: 0, column: 0, line }], endLine: 1, emptyLine: undefined }
}

function emptyLineWarning(file: string, line: SourceLine, { text }: LogicalLine): Warning {
  return {
    rule: 'NoEmptyContinuation',
    message: `an empty line stands inside the continued line ${quote(text)}`,
    place: placeOf(file, line, 1, 2),
    hint: 'remove the empty line or put a # on it',
  }
}
