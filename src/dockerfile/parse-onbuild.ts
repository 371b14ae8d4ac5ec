/** ONBUILD: an instruction kept as text for the build that uses the image as its base. */
import { nearest } from '../base/index.ts'
import { quote, syntaxFailure } from './failures.ts'
import { checkFlags } from './flags.ts'
import type { RawHeredoc } from './heredoc.ts'
import { jsonWords } from './json-form.ts'
import type { OnbuildInstruction } from './instruction.ts'
import { isKeyword, keywords } from './keywords.ts'
import { readHealthcheck } from './parse-healthcheck.ts'
import { readPairs } from './parse-pairs.ts'
import { splitStatement, type Statement } from './statement.ts'

export function parseOnbuild(
  statement: Statement,
  heredocs: readonly RawHeredoc[],
): Pick<OnbuildInstruction, 'trigger' | 'triggerKeyword'> {
  const { line, start, end } = statement
  if (start === end) throw syntaxFailure('ONBUILD needs an instruction', statement.keywordPlace)
  const source = { escape: statement.escape, locate: () => statement.place(start, end), warn: statement.warn }
  const nested = splitStatement(line, source, start)
  const at = statement.place(start, start + nested.keywordText.length)
  if (nested.keyword === 'ONBUILD')
    throw syntaxFailure('ONBUILD cannot have another ONBUILD as its instruction', at)
  checkArguments(nested)
  checkFlags(statement, {})
  if (nested.keyword === 'FROM' || nested.keyword === 'MAINTAINER') {
    throw syntaxFailure(`ONBUILD cannot have ${nested.keyword} as its instruction`, at)
  }
  if (!isKeyword(nested.keyword)) warnOfKeyword(nested.keyword, statement, at)
  // the config keeps the text as it stands, with the space at its end
  const trigger = line.text.replace(/^[\t\n\f\r ]*ONBUILD[\t\n\f\r ]*/iu, '')
  const bodies = heredocs.map(({ raw, name }) => `\n${raw}${name}`)
  return { trigger: [trigger, ...bodies].join(''), triggerKeyword: nested.keyword }
}

/** What is refused when the trigger is written and not only when it fires. */
function checkArguments(nested: Statement): void {
  switch (nested.keyword) {
    case 'ENV':
    case 'LABEL':
      readPairs(nested)
      break
    case 'HEALTHCHECK':
      readHealthcheck(nested)
      break
    case 'ADD':
    case 'COPY':
    case 'VOLUME':
    case 'RUN':
    case 'CMD':
    case 'ENTRYPOINT':
    case 'SHELL':
      jsonWords(nested)
      break
    default:
  }
}

function warnOfKeyword(keyword: string, { warn }: Statement, place: ReturnType<Statement['place']>): void {
  const suggestion = keyword.length <= 64 ? nearest(keyword, keywords) : undefined
  warn({
    rule: 'OnbuildUnknownInstruction',
    message: `ONBUILD has the unknown instruction ${quote(keyword)}, which fails in every build on this image`,
    place,
    ...(suggestion === undefined ? {} : { hint: `did you mean ${suggestion}?` }),
  })
}
