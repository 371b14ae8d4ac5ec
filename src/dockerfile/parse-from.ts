/** FROM. */
import { quote, syntaxFailure } from './failures.ts'
import { checkFlags } from './flags.ts'
import type { FromInstruction, Word } from './instruction.ts'
import type { Statement } from './statement.ts'
import { blankWords } from './words.ts'

const stageName = /^[a-z][a-z0-9\-_.]*$/u

export function parseFrom(
  statement: Statement,
): Pick<FromInstruction, 'image' | 'platform' | 'name' | 'nameWord'> {
  const words = blankWords(statement)
  const [image, as, nameWord] = words
  if (
    image === undefined ||
    (words.length !== 1 && (words.length !== 3 || as!.text.toLowerCase() !== 'as'))
  ) {
    throw syntaxFailure(
      `FROM has an image or an image, "AS" and a name; this has ${words.length} words`,
      words[1]?.place ?? statement.keywordPlace,
      'write FROM <image> AS <name>',
    )
  }
  const name = nameWord && parseStageName(nameWord, statement)
  const platform = checkFlags(statement, { platform: 'string' }).word('platform')
  return {
    image,
    ...(platform !== undefined && platform.text !== '' ? { platform } : {}),
    ...(name === undefined ? {} : { name, nameWord: nameWord! }),
  }
}

function parseStageName({ text, place }: Word, { warn }: Statement): string {
  const name = text.toLowerCase()
  if (!stageName.test(name)) {
    throw syntaxFailure(
      `the stage name ${quote(text)} is not a letter followed by letters, digits, "-", "_" and "."`,
      place,
    )
  }
  if (name === 'context' || name === 'scratch') {
    warn({
      rule: 'ReservedStageName',
      message: `the stage name ${quote(name)} is reserved`,
      place,
      hint: 'give the stage another name',
    })
  }
  return name
}
