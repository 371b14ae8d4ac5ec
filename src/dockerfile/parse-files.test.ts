import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Failure, type Place } from '../base/index.ts'
import { parseDockerfile } from './dockerfile.ts'

const only = (text: string) => parseDockerfile(text, 'Dockerfile').instructions[0]!
const marked = ({ lineText, column, endColumn }: Place) => lineText!.slice(column - 1, endColumn! - 1)

describe('COPY and ADD', () => {
  const cases: [rest: string, sources: string[], destination: string, jsonForm?: boolean][] = [
    ['a /b', ['a'], '/b'],
    ['a b c d/', ['a', 'b', 'c'], 'd/'],
    ['"a b" c', ['"a', 'b"'], 'c'],
    ['$a ${b:-c} d', ['$a', '${b:-c}'], 'd'],
    ['["a b", "c"]', ['a b'], 'c', true],
    ['["a","b\\n","/c"]', ['a', 'b\n'], '/c', true],
    ['[ "a" , "b" ]', ['a'], 'b', true],
    ["['a', 'b']", ["['a',"], "'b']"],
    ['[a b', ['[a'], 'b'],
    ['["<<A", "/x"]', [], '/x', true],
    ['https://a/b /c', ['https://a/b'], '/c'],
    ['a\u00a0b c', ['a\u00a0b'], 'c'],
  ]
  for (const [rest, sources, destination, jsonForm = false] of cases) {
    it(`read ${rest}`, () => {
      for (const keyword of ['COPY', 'ADD']) {
        const copy = only(`${keyword} ${rest}`)
        assert.ok(copy.keyword === 'COPY' || copy.keyword === 'ADD')
        assert.deepEqual(
          copy.sources.map(({ text }) => text),
          sources,
        )
        assert.deepEqual([copy.destination.text, copy.jsonForm], [destination, jsonForm])
      }
    })
  }

  it('read every flag of COPY', () => {
    const copy = only(
      'COPY --from=b --chown=1:2 --chmod=u+x --link --parents --exclude=*.o --exclude=!k.o x /y',
    )
    assert.ok(copy.keyword === 'COPY')
    const { from, chown, chmod, link, parents, exclude } = copy
    assert.deepEqual([from?.text, chown?.text, chmod?.text, link, parents], ['b', '1:2', 'u+x', true, true])
    assert.deepEqual(
      exclude.map(({ text, place }) => [text, marked(place)]),
      [
        ['*.o', '*.o'],
        ['!k.o', '!k.o'],
      ],
    )
  })

  it('read every flag of ADD', () => {
    const add = only(
      'ADD --chown=1 --chmod=755 --link=false --keep-git-dir=true --checksum=sha256:00 --unpack=false --exclude=x a /b',
    )
    assert.ok(add.keyword === 'ADD')
    assert.deepEqual(
      [
        add.chown?.text,
        add.chmod?.text,
        add.link,
        add.keepGitDir,
        add.checksum?.text,
        add.unpack,
        add.exclude.length,
      ],
      ['1', '755', false, true, 'sha256:00', false, 1],
    )
  })

  it('leave out what was not said', () => {
    const copy = only('COPY --from= a b')
    assert.ok(copy.keyword === 'COPY')
    assert.ok(!('from' in copy) && !('chown' in copy) && !('chmod' in copy))
    const add = only('ADD a b')
    assert.ok(add.keyword === 'ADD')
    assert.ok(!('unpack' in add) && !('keepGitDir' in add) && !('checksum' in add))
  })

  it('point at the elements of a JSON array', () => {
    const copy = only('COPY --link ["a\\"b", \\\n  "c"]')
    assert.ok(copy.keyword === 'COPY')
    assert.deepEqual([copy.sources[0]!.text, marked(copy.sources[0]!.place)], ['a"b', '"a\\"b"'])
    assert.deepEqual([copy.destination.place.line, marked(copy.destination.place)], [2, '"c"'])
  })

  it('keep the order of files and here-documents apart', () => {
    const copy = only('COPY a <<B c <<"D" /d\nx\nB\ny\nD')
    assert.ok(copy.keyword === 'COPY')
    assert.deepEqual(
      copy.sources.map(({ text }) => text),
      ['a', 'c'],
    )
    assert.deepEqual(
      copy.heredocs.map(({ name, content, expand, place }) => [name, content, expand, marked(place)]),
      [
        ['B', 'x\n', true, '<<B'],
        ['D', 'y\n', false, '<<"D"'],
      ],
    )
  })

  const refused: [text: string, message: RegExp][] = [
    ['COPY', /has 0 arguments/u],
    ['COPY a', /has 1 arguments/u],
    ['ADD a', /has 1 arguments/u],
    ['COPY ["a"]', /has 1 arguments/u],
    ['COPY []', /has 0 arguments/u],
    ['COPY ["a", 1]', /strings only, not 1/u],
    ['COPY ["a", null]', /strings only, not null/u],
    ['ADD [["a"], "b"]', /strings only, not an array/u],
    ['COPY a <<B\nB', /cannot have the here-document "<<B"/u],
  ]
  for (const [text, message] of refused) {
    it(`refuse ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => only(text),
        (error) =>
          error instanceof Failure && error.code === 'DOCKERFILE_SYNTAX' && message.test(error.message),
      )
    })
  }
})
