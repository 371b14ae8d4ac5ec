import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Failure } from '../base/index.ts'
import { parseDockerfile } from './dockerfile.ts'
import { splitStages } from './stages.ts'

const split = (text: string) => splitStages(parseDockerfile(text, 'Dockerfile'))

describe('splitStages', () => {
  it('groups instructions by the FROM above them', () => {
    const { globalArgs, stages } = split(
      'ARG a=1\nARG b\nFROM x AS One\nRUN y\nARG a\nFROM --platform=$P one\nFROM scratch as two\nUSER z',
    )
    assert.deepEqual(
      globalArgs.map(({ original }) => original),
      ['ARG a=1', 'ARG b'],
    )
    assert.deepEqual(
      stages.map(({ index, name, from, instructions }) => [
        index,
        name,
        from.image.text,
        from.platform?.text,
        instructions.map(({ keyword }) => keyword),
      ]),
      [
        [0, 'one', 'x', undefined, ['RUN', 'ARG']],
        [1, undefined, 'one', '$P', []],
        [2, 'two', 'scratch', undefined, ['USER']],
      ],
    )
  })

  for (const text of ['RUN a\nFROM b', 'ARG a\nENV b=c\nFROM d', 'ARG a', 'USER a']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => split(text),
        (error) => error instanceof Failure && error.code === 'DOCKERFILE_SYNTAX' && error.at !== undefined,
      )
    })
  }
})

describe('FROM', () => {
  for (const [line, name] of [
    ['FROM a', undefined],
    ['FROM a AS b', 'b'],
    ['from a aS B-1_2.c', 'b-1_2.c'],
    ['FROM a\tas\tb', 'b'],
  ] as const) {
    it(`names the stage of ${JSON.stringify(line)} ${name}`, () => {
      const [stage] = split(line).stages
      assert.equal(stage?.name, name)
      assert.equal(stage?.from.image.text, 'a')
    })
  }

  it('drops an empty platform', () => {
    assert.ok(!('platform' in split('FROM --platform= a').stages[0]!.from))
  })

  for (const name of ['context', 'Scratch']) {
    it(`warns of the stage name ${name}`, () => {
      const { warnings } = parseDockerfile(`FROM a AS ${name}`, 'Dockerfile')
      assert.deepEqual(
        warnings.map(({ rule }) => rule),
        ['ReservedStageName'],
      )
    })
  }

  for (const line of [
    'FROM',
    'FROM a b',
    'FROM a AS',
    'FROM a IN b',
    'FROM a AS b c',
    'FROM a AS 1b',
    'FROM a AS b/c',
    'FROM a AS -b',
    'FROM a AS $b',
    'FROM a AS ü',
    'FROM --platform a',
  ]) {
    it(`refuses ${line}`, () => assert.throws(() => split(line), Failure))
  }
})
