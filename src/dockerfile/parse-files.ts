/** COPY and ADD. */
import { quote, syntaxFailure } from './failures.ts'
import { checkFlags, type Flags } from './flags.ts'
import { markOf } from './heredoc.ts'
import type { AddInstruction, CopyInstruction, Heredoc, SourcesAndDestination, Word } from './instruction.ts'
import { jsonWords } from './json-form.ts'
import type { Statement } from './statement.ts'
import { blankWords } from './words.ts'

type Fields<I> = Omit<I, 'keyword' | 'place' | 'endLine' | 'original' | 'comments'>

export function parseCopy(statement: Statement): Fields<CopyInstruction> {
  const words = readWords(statement)
  const flags = checkFlags(statement, {
    from: 'string',
    chown: 'string',
    chmod: 'string',
    link: 'boolean',
    parents: 'boolean',
    exclude: 'strings',
  })
  const from = flags.word('from')
  return {
    ...sourcesAndDestination(statement, words, flags),
    ...(from !== undefined && from.text !== '' ? { from } : {}),
    parents: flags.boolean('parents') ?? false,
  }
}

export function parseAdd(statement: Statement): Fields<AddInstruction> {
  const words = readWords(statement)
  const flags = checkFlags(statement, {
    chown: 'string',
    chmod: 'string',
    link: 'boolean',
    'keep-git-dir': 'boolean',
    checksum: 'string',
    unpack: 'boolean',
    exclude: 'strings',
  })
  const unpack = flags.boolean('unpack')
  const keepGitDir = flags.boolean('keep-git-dir')
  return {
    ...sourcesAndDestination(statement, words, flags),
    ...optional('checksum', flags.word('checksum')),
    ...(unpack === undefined ? {} : { unpack }),
    ...(keepGitDir === undefined ? {} : { keepGitDir }),
  }
}

interface Words {
  readonly words: readonly Word[]
  readonly jsonForm: boolean
}

function readWords(statement: Statement): Words {
  const json = jsonWords(statement)
  const words = json ?? blankWords(statement)
  if (words.length < 2) {
    throw syntaxFailure(
      `${statement.keyword} needs at least one source and a destination, this has ${words.length} arguments`,
      words[0]?.place ?? statement.keywordPlace,
      `write ${statement.keyword} <source>... <destination>`,
    )
  }
  return { words, jsonForm: json !== undefined }
}

function sourcesAndDestination(
  statement: Statement,
  { words, jsonForm }: Words,
  flags: Flags,
): SourcesAndDestination {
  const destination = words.at(-1)!
  if (markOf(destination.text)) {
    throw syntaxFailure(
      `${statement.keyword} cannot have the here-document ${quote(destination.text)} as its destination`,
      destination.place,
      'put the destination behind the here-document',
    )
  }
  // of several here-documents with one name BuildKit uses the last body for all
  const bodies = new Map(statement.heredocs.map((heredoc) => [heredoc.name, heredoc]))
  const sources: Word[] = []
  const heredocs: Heredoc[] = []
  for (const word of words.slice(0, -1)) {
    const mark = markOf(word.text)
    if (mark === undefined) sources.push(word)
    else {
      const { name, expand } = mark
      heredocs.push({ name, expand, content: bodies.get(name)?.content ?? '', place: word.place })
    }
  }
  return {
    sources,
    heredocs,
    destination,
    jsonForm,
    ...optional('chown', flags.word('chown')),
    ...optional('chmod', flags.word('chmod')),
    link: flags.boolean('link') ?? false,
    exclude: flags.words('exclude'),
  }
}

function optional<K extends string>(key: K, word: Word | undefined): Partial<Record<K, Word>> {
  return word === undefined ? {} : ({ [key]: word } as Partial<Record<K, Word>>)
}
