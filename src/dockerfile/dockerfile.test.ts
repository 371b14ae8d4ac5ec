import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Failure, type Place } from '../base/index.ts'
import { parseDockerfile, parseInstruction } from './dockerfile.ts'

const parse = (text: string) => parseDockerfile(text, 'Dockerfile')
const marked = ({ lineText, column, endColumn }: Place) => lineText!.slice(column - 1, endColumn! - 1)

describe('parseDockerfile', () => {
  const originals: [name: string, text: string, originals: string[]][] = [
    ['takes keywords in any case', 'from a\nCmd b', ['from a', 'Cmd b']],
    ['joins continued lines and keeps their indent', 'RUN a \\\n  b\\\nc', ['RUN a   bc']],
    ['lets blanks follow a continuation mark', 'RUN a \\ \t\n b', ['RUN a  b']],
    ['does not continue behind a doubled mark', 'RUN a \\\\\nRUN b', ['RUN a \\\\', 'RUN b']],
    ['continues when a mark stands alone on its line', 'RUN a \\\n\\\n b', ['RUN a  b']],
    ['drops comments inside continuations', 'RUN a \\\n# one\n  # two\n b', ['RUN a  b']],
    ['keeps a # that begins no line', 'RUN a # b', ['RUN a # b']],
    ['drops empty lines inside continuations', 'RUN a \\\n\n \t\n b', ['RUN a  b']],
    ['ends a continuation at the end of the file', 'RUN a \\', ['RUN a']],
    ['takes CRLF line ends', 'FROM a\r\nRUN b \\\r\n c\r\n', ['FROM a', 'RUN b  c']],
    ['takes a byte order mark', '\uFEFFFROM a', ['FROM a']],
    ['takes indented instructions and comments', '  # x\n\tFROM a  ', ['FROM a']],
    ['leaves bodies of here-documents out', 'RUN <<A cat\nFROM b\nA\nRUN c', ['RUN <<A cat', 'RUN c']],
    ['takes the backtick as escape', '# escape=`\nRUN a `\n b\\\nRUN c', ['RUN a  b\\', 'RUN c']],
    ['ends lines at a line feed only', 'RUN a\u2028b\rc', ['RUN a\u2028b\rc']],
  ]
  for (const [name, text, expected] of originals) {
    it(name, () => {
      assert.deepEqual(
        parse(text).instructions.map(({ original }) => original),
        expected,
      )
    })
  }

  const refused: [text: string, message: RegExp, under: string, hint?: RegExp][] = [
    ['', /no instructions/u, ''],
    ['# only\n\n# comments\n', /no instructions/u, '#'],
    ['FROM a\nFROMM b', /unknown instruction "FROMM"/u, 'FROMM', /did you mean FROM\?/u],
    ['copi a b', /unknown instruction "copi"/u, 'copi', /did you mean COPY\?/u],
    ['FROM a\n\\', /unknown instruction ""/u, '\\'],
    ['RUN\u00a0a', /unknown instruction/u, 'RUN\u00a0a'],
    ['FROM a\nRUN <<EOF\nx', /"EOF" has no end/u, '<<EOF', /only "EOF"/u],
    ['FROM a\nUSER', /USER needs exactly one argument/u, 'USER'],
  ]
  for (const [text, message, under, hint] of refused) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parse(text),
        (error) => {
          assert.ok(error instanceof Failure)
          assert.equal(error.code, 'DOCKERFILE_SYNTAX')
          assert.match(error.message, message)
          assert.equal(marked(error.at!), under)
          if (hint) assert.match(error.hint ?? '', hint)
          return true
        },
      )
    })
  }

  it('places words on the lines they stand on', () => {
    const [, copy] = parse('FROM a\ncopy --chown=1:2 \\\n  one \\\n# note\n\ttwo /dest').instructions
    assert.ok(copy?.keyword === 'COPY')
    assert.deepEqual([copy.place.line, copy.place.column, copy.endLine], [2, 1, 5])
    const places = [copy.chown!, ...copy.sources, copy.destination].map(({ place }) => place)
    assert.deepEqual(
      places.map((place) => [place.line, place.column, marked(place)]),
      [
        [2, 14, '1:2'],
        [3, 3, 'one'],
        [5, 2, 'two'],
        [5, 6, '/dest'],
      ],
    )
  })

  it('ends the place of a word at the line it begins on', () => {
    const [, user] = parse('FROM a\nUSER na\\\nme').instructions
    assert.ok(user?.keyword === 'USER')
    assert.equal(user.user.text, 'name')
    assert.equal(marked(user.user.place), 'na')
  })

  it('keeps the comments above an instruction', () => {
    const text = '# syntax=x\n# one\n#two\nFROM a\n# old\n#\n# new\nRUN b\nRUN c'
    assert.deepEqual(
      parse(text).instructions.map(({ comments }) => comments),
      [['one', 'two'], ['new'], []],
    )
  })

  it('counts the lines of here-documents', () => {
    const { instructions } = parse('FROM a\nRUN <<A <<B\n1\nA\n2\nB\nUSER x')
    assert.deepEqual(
      instructions.map(({ place, endLine }) => [place.line, endLine]),
      [
        [1, 1],
        [2, 6],
        [7, 7],
      ],
    )
  })

  it('warns of an empty line between continuations', () => {
    const { warnings } = parse('FROM a\nRUN b \\\n\n c\nRUN d \\\n#\n e')
    assert.deepEqual(
      warnings.map(({ rule, place }) => [rule, place.line]),
      [['NoEmptyContinuation', 3]],
    )
  })

  it('joins a hundred thousand continuation lines', () => {
    const [, env] = parse(`FROM a\nENV a=b${' \\\n  c=d'.repeat(100_000)}`).instructions
    assert.ok(env?.keyword === 'ENV')
    assert.equal(env.pairs.length, 100_001)
    assert.deepEqual([env.pairs.at(-1)!.value.place.line, env.endLine], [100_002, 100_002])
  })

  it('has no limit for the length of a line', () => {
    const [, copy] = parse(`FROM a\nCOPY ${'file '.repeat(200_000)}/x`).instructions
    assert.ok(copy?.keyword === 'COPY')
    assert.equal(copy.sources.length, 200_000)
  })

  it('refuses deep nesting without a crash', () => {
    assert.throws(() => parse(`FROM a\nCMD ${'['.repeat(200_000)}${']'.repeat(200_000)}`), Failure)
    assert.throws(() => parse(`FROM a\n${'ONBUILD '.repeat(200_000)}`), Failure)
    assert.equal(parse(`FROM a\nRUN <<A ${'${a:-'.repeat(200_000)}`).instructions.length, 2)
  })

  const atoms =
    'FROM ,COPY ,RUN ,ENV ,CMD ,ONBUILD ,HEALTHCHECK ,ADD ,ARG ,a,b=c,/x, ,\n,\\\n,\\,`,",\',$,${,},:-,<<,EOF\n,[,],"a",#,--,--from=,=,\t,\r\n,\uFEFF,\u00a0,# escape=`\n'
  const garbage = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...atoms.split(','), ','), { maxLength: 30 }).map((parts) => parts.join('')),
  )

  it('parses any text or throws a failure that points into it', () => {
    fc.assert(
      fc.property(garbage, (text) => {
        try {
          assert.ok(parse(text).instructions.length > 0)
        } catch (error) {
          if (!(error instanceof Failure)) throw error
          assert.equal(error.code, 'DOCKERFILE_SYNTAX')
          assert.ok(error.at!.line >= 1 && error.at!.line <= text.split('\n').length)
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('places every plain word on its own text', () => {
    const word = fc.stringMatching(/^[a-z0-9/._][a-z0-9/._-]*$/u)
    const gap = fc.constantFrom(' ', '  ', '\t', ' \\\n', ' \\\n  ', ' \\\n# x\n\t')
    fc.assert(
      fc.property(fc.array(fc.tuple(word, gap), { minLength: 1 }), word, (sources, destination) => {
        const text = sources.map(([source, space]) => source + space).join('')
        const [copy] = parse(`COPY ${text}${destination}`).instructions
        assert.ok(copy?.keyword === 'COPY')
        const words = [...copy.sources, copy.destination]
        assert.deepEqual(
          words.map((each) => each.text),
          [...sources.map(([source]) => source), destination].filter((each) => each !== ''),
        )
        for (const each of words) assert.equal(marked(each.place), each.text)
      }),
    )
  })
})

describe('parseInstruction', () => {
  const place = { file: 'Dockerfile', line: 7, column: 6, lineText: 'FROM base' }

  it('gives everything in a trigger the place it is told', () => {
    const copy = parseInstruction('COPY <<A b /c\ntext\nA', place)
    assert.ok(copy.keyword === 'COPY')
    assert.equal(copy.heredocs[0]?.content, 'text\n')
    assert.deepEqual([copy.place, copy.sources[0]?.place, copy.destination.place], [place, place, place])
  })

  for (const trigger of ['', 'FROM a', 'RUN a\nRUN b', 'FOO a', 'COPY a', 'RUN <<A']) {
    it(`refuses the trigger ${JSON.stringify(trigger)}`, () => {
      assert.throws(
        () => parseInstruction(trigger, place),
        (error) => error instanceof Failure && error.code === 'DOCKERFILE_SYNTAX' && error.at?.line === 7,
      )
    })
  }
})
