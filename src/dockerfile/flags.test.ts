import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Failure } from '../base/index.ts'
import { parseDockerfile } from './dockerfile.ts'

const parse = (line: string) => parseDockerfile(line, 'Dockerfile')

describe('flags', () => {
  const values: [line: string, chown: string | undefined, sources: string[]][] = [
    ['COPY --chown=1:2 a /b', '1:2', ['a']],
    ['COPY   --chown=1:2\ta /b', '1:2', ['a']],
    ['COPY --chown="a b" c /d', 'a b', ['c']],
    ["COPY --chown='$a' c /d", '$a', ['c']],
    ['COPY --ch"own"=a\\ b c /d', 'a b', ['c']],
    ['COPY --chown=a=b c /d', 'a=b', ['c']],
    ['COPY --chown= c /d', '', ['c']],
    ['COPY --chown=ü c /d', 'ü', ['c']],
    ['COPY -- --chown=1 /d', undefined, ['--chown=1']],
    ['COPY a --chown=1 /d', undefined, ['a', '--chown=1']],
    ['COPY -c /d', undefined, ['-c']],
  ]
  for (const [line, chown, sources] of values) {
    it(`are read from ${line}`, () => {
      const [copy] = parse(line).instructions
      assert.ok(copy?.keyword === 'COPY')
      assert.equal(copy.chown?.text, chown)
      assert.deepEqual(
        copy.sources.map(({ text }) => text),
        sources,
      )
    })
  }

  it('escape with the character of the escape directive', () => {
    const [copy] = parse('# escape=`\nCOPY --chown=a`\\b\\c d /e').instructions
    assert.ok(copy?.keyword === 'COPY')
    assert.equal(copy.chown?.text, 'a\\b\\c')
  })

  for (const [line, link] of [
    ['COPY --link a b', true],
    ['COPY --link=true a b', true],
    ['COPY --link=FALSE a b', false],
    ['COPY a b', false],
  ] as const) {
    it(`make link ${link} in ${line}`, () => {
      const [copy] = parse(line).instructions
      assert.ok(copy?.keyword === 'COPY')
      assert.equal(copy.link, link)
    })
  }

  const refused: [line: string, message: RegExp, hint: RegExp, column: number][] = [
    ['COPY --chwon=1 a b', /no flag "--chwon"/u, /did you mean --chown\?/u, 6],
    ['COPY --platform=x a b', /no flag "--platform"/u, /COPY has --from/u, 6],
    ['COPY --Link a b', /no flag "--Link"/u, /--link/u, 6],
    ['COPY --constructor=1 a b', /no flag/u, /./u, 6],
    ['COPY --link=1 a b', /true or false, not "1"/u, /--link/u, 6],
    ['COPY --link= a b', /empty value/u, /--link/u, 6],
    ['COPY --link --link a b', /twice/u, /remove/u, 13],
    ['COPY --chown=1 --chown=1 a b', /twice/u, /remove/u, 16],
    ['COPY --chown a b', /needs a value/u, /--chown=/u, 6],
    ['COPY --exclude a b', /needs a value/u, /--exclude=/u, 6],
    ['ADD --from=x a b', /no flag "--from"/u, /ADD has/u, 5],
    ['WORKDIR --x /y', /no flag "--x"/u, /WORKDIR has no flags/u, 9],
    ['MAINTAINER --boo me', /no flag "--boo"/u, /no flags/u, 12],
    ['ONBUILD --x RUN y', /no flag "--x"/u, /no flags/u, 9],
    ['CMD --x y', /no flag "--x"/u, /no flags/u, 5],
    ['FROM --platfrom=a b', /no flag "--platfrom"/u, /did you mean --platform\?/u, 6],
  ]
  for (const [line, message, hint, column] of refused) {
    it(`are refused in ${line}`, () => {
      assert.throws(
        () => parse(line),
        (error) => {
          assert.ok(error instanceof Failure)
          assert.equal(error.code, 'DOCKERFILE_SYNTAX')
          assert.match(error.message, message)
          assert.match(error.hint ?? '', hint)
          assert.equal(error.at?.column, column)
          return true
        },
      )
    })
  }

  for (const line of ['ARG --x a', 'STOPSIGNAL --x a']) {
    it(`have no effect in ${line}, with a warning`, () => {
      assert.deepEqual(
        parse(line).warnings.map(({ rule }) => rule),
        ['FlagIgnored'],
      )
    })
  }

  it('of HEALTHCHECK NONE are not looked at', () => {
    assert.equal(parse('HEALTHCHECK --what=x NONE').instructions.length, 1)
  })
})
