/** From a statement to a typed instruction. */
import { nearest } from '../base/index.ts'
import { quote, syntaxFailure } from './failures.ts'
import type { RawHeredoc } from './heredoc.ts'
import type { Instruction } from './instruction.ts'
import { isKeyword, keywords } from './keywords.ts'
import { parseCommand, parseRun, parseShell } from './parse-commands.ts'
import { parseAdd, parseCopy } from './parse-files.ts'
import { parseFrom } from './parse-from.ts'
import { parseHealthcheck } from './parse-healthcheck.ts'
import { parseOnbuild } from './parse-onbuild.ts'
import { parseArg, parsePairs } from './parse-pairs.ts'
import { parsePorts, parseSetting, parseVolumes } from './parse-settings.ts'
import type { Statement } from './statement.ts'
import { trimSpace } from './whitespace.ts'

export interface InstructionContext {
  readonly heredocs: readonly RawHeredoc[]
  readonly comments: readonly string[]
  readonly endLine: number
}

/** Throws `DOCKERFILE_SYNTAX`. */
export function parseStatement(bare: Statement, context: InstructionContext): Instruction {
  const { heredocs, comments, endLine } = context
  const statement: Statement = { ...bare, heredocs }
  const { keyword, keywordPlace, line } = statement
  if (!isKeyword(keyword)) throw unknownInstruction(statement)
  const shared = { place: keywordPlace, endLine, original: trimSpace(line.text), comments }
  switch (keyword) {
    case 'FROM':
      return { keyword, ...shared, ...parseFrom(statement) }
    case 'ARG':
      return { keyword, ...shared, ...parseArg(statement) }
    case 'ENV':
    case 'LABEL':
      return { keyword, ...shared, ...parsePairs(statement) }
    case 'COPY':
      return { keyword, ...shared, ...parseCopy(statement) }
    case 'ADD':
      return { keyword, ...shared, ...parseAdd(statement) }
    case 'RUN':
      return { keyword, ...shared, ...parseRun(statement) }
    case 'CMD':
    case 'ENTRYPOINT':
      return { keyword, ...shared, ...parseCommand(statement) }
    case 'SHELL':
      return { keyword, ...shared, ...parseShell(statement) }
    case 'WORKDIR':
      return { keyword, ...shared, path: parseSetting(statement) }
    case 'USER':
      return { keyword, ...shared, user: parseSetting(statement) }
    case 'STOPSIGNAL':
      return { keyword, ...shared, signal: parseSetting(statement) }
    case 'MAINTAINER':
      return { keyword, ...shared, maintainer: parseSetting(statement) }
    case 'EXPOSE':
      return { keyword, ...shared, ports: parsePorts(statement) }
    case 'VOLUME':
      return { keyword, ...shared, volumes: parseVolumes(statement) }
    case 'HEALTHCHECK':
      return { keyword, ...shared, ...parseHealthcheck(statement) }
    case 'ONBUILD':
      return { keyword, ...shared, ...parseOnbuild(statement, heredocs) }
  }
}

function unknownInstruction({ keyword, keywordText, keywordPlace }: Statement) {
  const suggestion = keyword.length <= 64 ? nearest(keyword, keywords) : undefined
  return syntaxFailure(
    `unknown instruction ${quote(keywordText)}`,
    keywordPlace,
    suggestion === undefined
      ? `an instruction is one of ${keywords.join(', ')}`
      : `did you mean ${suggestion}?`,
  )
}
