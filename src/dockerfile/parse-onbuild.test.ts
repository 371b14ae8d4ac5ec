import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Failure } from '../base/index.ts'
import { parseDockerfile, parseInstruction } from './dockerfile.ts'

function only(text: string) {
  const { instructions, warnings } = parseDockerfile(text, 'Dockerfile')
  const [onbuild] = instructions
  assert.ok(onbuild?.keyword === 'ONBUILD')
  return { ...onbuild, rules: warnings.map(({ rule }) => rule) }
}

describe('ONBUILD', () => {
  const cases: [text: string, trigger: string, keyword: string][] = [
    ['ONBUILD RUN a  b', 'RUN a  b', 'RUN'],
    ['onbuild   copy --from=x a b', 'copy --from=x a b', 'COPY'],
    ['ONBUILD ENV a="b c" \\\n d=$e', 'ENV a="b c"  d=$e', 'ENV'],
    ['ONBUILD CMD ["a"]', 'CMD ["a"]', 'CMD'],
    ['ONBUILD USER a \t', 'USER a \t', 'USER'],
    ['ONBUILD COPY <<A <<-B /d\n1\nA\n\t2\n\tB', 'COPY <<A <<-B /d\n1\nA\n\t2\nB', 'COPY'],
    ['ONBUILD RUN ["<<A"]', 'RUN ["<<A"]', 'RUN'],
  ]
  for (const [text, trigger, keyword] of cases) {
    it(`keeps the text of ${JSON.stringify(text)}`, () => {
      const onbuild = only(text)
      assert.deepEqual([onbuild.trigger, onbuild.triggerKeyword], [trigger, keyword])
    })
  }

  it('keeps a trigger that parses again with its here-documents', () => {
    const { trigger, place } = only('ONBUILD COPY <<A <<"B" /d/\n1\nA\n$2\nB')
    const copy = parseInstruction(trigger, place)
    assert.ok(copy.keyword === 'COPY')
    assert.deepEqual(
      copy.heredocs.map(({ content, expand }) => [content, expand]),
      [
        ['1\n', true],
        ['$2\n', false],
      ],
    )
  })

  it('warns of an instruction that does not exist', () => {
    assert.deepEqual(only('ONBUILD RUNN a').rules, ['OnbuildUnknownInstruction'])
  })

  it('does not look at the flags of its instruction', () => {
    assert.deepEqual(only('ONBUILD COPY --what a').rules, [])
  })

  for (const text of [
    'ONBUILD',
    'ONBUILD ONBUILD RUN a',
    'ONBUILD FROM a',
    'ONBUILD maintainer a',
    'ONBUILD ENV a',
    'ONBUILD LABEL a=b c',
    'ONBUILD COPY ["a", 1]',
    'ONBUILD HEALTHCHECK CMD [1]',
    'ONBUILD VOLUME [1]',
  ]) {
    it(`refuses ${text}`, () => assert.throws(() => only(text), Failure))
  }
})
