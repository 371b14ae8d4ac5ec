import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Failure } from '../base/index.ts'
import { parseDockerfile } from './dockerfile.ts'
import { markOf } from './heredoc.ts'

function heredocsOf(text: string) {
  const [instruction] = parseDockerfile(text, 'Dockerfile').instructions
  assert.ok(instruction && 'heredocs' in instruction)
  return instruction.heredocs.map(({ name, content, expand }) => [name, content, expand])
}

describe('markOf', () => {
  const cases: [word: string, name: string | undefined, expand?: boolean, stripsTabs?: boolean][] = [
    ['<<EOF', 'EOF', true, false],
    ['<<-EOF', 'EOF', true, true],
    ["<<'EOF'", 'EOF', false, false],
    ['<<-"EOF"', 'EOF', false, true],
    ['<<E"O"F', 'EOF', false, false],
    ["<<E\\'F", "E'F", true, false],
    ["<<'E'O\\'F", "EO'F", false, false],
    ["<<'one two'", 'one two', false, false],
    ['<< EOF', 'EOF', true, false],
    ['<<- EOF', 'EOF', true, true],
    ['<< -EOF', '-EOF', true, false],
    ['3<<EOF', 'EOF', true, false],
    ['<<$EOF', '$EOF', true, false],
    ['<<${EOF}', '${EOF}', true, false],
    ['<<file.txt', 'file.txt', true, false],
    ['<<', undefined],
    ['<<-', undefined],
    ['<EOF', undefined],
    ['<<<EOF', undefined],
    ['<<A<B', undefined],
    ['a<<EOF', undefined],
    ['<<one two', undefined],
    ["<<'EOF", undefined],
    ['EOF', undefined],
  ]
  for (const [word, name, expand, stripsTabs] of cases) {
    it(`reads ${word} as ${name === undefined ? 'an ordinary word' : JSON.stringify(name)}`, () => {
      assert.deepEqual(markOf(word), name === undefined ? undefined : { name, expand, stripsTabs })
    })
  }
})

describe('here-documents', () => {
  const cases: [name: string, text: string, heredocs: unknown[]][] = [
    ['hold the lines up to their name', 'RUN <<A\none\n\n# two\nA', [['A', 'one\n\n# two\n', true]]],
    ['can be empty', 'RUN <<A\nA', [['A', '', true]]],
    ['keep tabs', 'RUN <<A\n\tx\n\tA\nA', [['A', '\tx\n\tA\n', true]]],
    ['lose leading tabs with <<-', 'RUN <<-A\n\t\tx\ty\n z\n\tA', [['A', 'x\ty\n z\n', true]]],
    [
      'come one after the other',
      'COPY <<X <<"Y" /d\nY\nX\nX\nY',
      [
        ['X', 'Y\n', true],
        ['Y', 'X\n', false],
      ],
    ],
    ['keep CRLF', 'COPY <<A /d\r\nx\r\nA\r\n', [['A', 'x\r\n', true]]],
    [
      'strip tabs behind a line feed only',
      'RUN <<-A\na\r\tb\u2028\tc\nA',
      [['A', 'a\r\tb\u2028\tc\n', true]],
    ],
    ['do not join continued lines', 'RUN <<A\nx \\\nA', [['A', 'x \\\n', true]]],
    ['come behind continuations', 'RUN a \\\n <<A\nx\nA', [['A', 'x\n', true]]],
    [
      'share the last body when names repeat in COPY',
      'COPY <<A <<A /d\n1\nA\n2\nA',
      [
        ['A', '2\n', true],
        ['A', '2\n', true],
      ],
    ],
    ['are text inside quotes', 'RUN "<<A"', []],
    ['are text in a line whose quotes do not close', "RUN it's <<A", []],
    ['are text in the JSON form', 'RUN ["<<A"]', []],
    ['of ADD are files too', 'ADD <<a.txt /d/\nx\na.txt', [['a.txt', 'x\n', true]]],
  ]
  for (const [name, text, expected] of cases) {
    it(name, () => assert.deepEqual(heredocsOf(text), expected))
  }

  it('belong to RUN, COPY and ADD only', () => {
    const { instructions } = parseDockerfile('USER <<A\nCMD <<A\nENV a=<<A', 'Dockerfile')
    assert.equal(instructions.length, 3)
  })

  it('point at their mark', () => {
    const [run] = parseDockerfile('RUN cat <<A \\\n  <<B\nA\nB', 'Dockerfile').instructions
    assert.ok(run?.keyword === 'RUN')
    assert.deepEqual(
      run.heredocs.map(({ place }) => [place.line, place.column, place.endColumn]),
      [
        [1, 9, 12],
        [2, 3, 6],
      ],
    )
  })

  for (const text of [
    'RUN <<A\nx',
    'RUN <<A\nx\n A',
    'RUN <<A <<B\nA',
    'COPY a <<A\nA',
    'COPY <<A\nA',
    'ONBUILD RUN <<A\nx',
    "RUN <<${a:-\\'}\nx",
  ]) {
    it(`are refused in ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseDockerfile(text, 'Dockerfile'), Failure)
    })
  }
})
