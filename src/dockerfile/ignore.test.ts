import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Failure } from '../base/index.ts'
import { ignoreRules, parseIgnore } from './ignore.ts'

describe('parseIgnore', () => {
  const cases: [text: string, excluded: string[], kept: string[]][] = [
    ['a', ['a', 'a/b', 'a/b/c'], ['b', 'ab', 'b/a']],
    ['/a', ['a', 'a/b'], ['b/a']],
    ['a/', ['a', 'a/b'], []],
    ['./a//b/../c', ['a/c', 'a/c/d'], ['a', 'a/b']],
    ['  a  \r', ['a'], []],
    ['\uFEFFa', ['a'], []],
    ['# a\n #b', ['#b'], ['a', '# a', 'b']],
    ['\n\n', [], ['a']],
    ['.', [], ['a', '.a']],
    ['/', [], ['a']],
    ['..', [], ['a']],
    ['*', ['a', 'a/b', '.a'], []],
    ['*.o', ['a.o', 'a.o/b', '.o'], ['a/b.o', 'a.oo']],
    ['*/*.o', ['a/b.o'], ['b.o', 'a/b/c.o']],
    ['a?', ['ab', 'a😀'], ['a', 'abc', 'a/']],
    ['[ab]c', ['ac', 'bc/d'], ['cc']],
    ['[^a]c', ['bc'], ['ac']],
    ['**', ['a', 'a/b'], []],
    ['**/a', ['a', 'b/a', 'b/c/a', 'b/a/d'], ['ba', 'b/ca']],
    ['**a', ['a', 'ba', 'b/ca', 'b/a/c'], ['ab']],
    ['**/*.o', ['a.o', 'a/b/c.o'], ['a/o']],
    ['a/**', ['a/b', 'a/b/c'], ['a', 'ab']],
    ['a**', ['a', 'ab', 'a/b'], ['ba']],
    ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b', 'a/x/b/z'], ['a/xb', 'b']],
    ['a**b', ['ab', 'acd/b'], ['acb']],
    ['**/a/**', ['a/b', 'x/a/b'], ['a', 'x/a']],
    ['a\\*b', ['a*b'], ['axb']],
    ['x+y.(z)|{$', ['x+y.(z)|{$'], ['xxyyz']],
    ['*\n!a', ['b', 'b/a'], ['a', 'a/b']],
    ['*\n!a/b', ['a', 'a/c', 'b'], ['a/b', 'a/b/c']],
    ['a\n!a/b\na/b/c', ['a', 'a/x', 'a/b/c', 'a/b/c/d'], ['a/b', 'a/b/d']],
    ['!a\na', ['a', 'a/b'], []],
    ['a\n! a', [], ['a']],
    ['a\n!/a', [], ['a']],
    ['*.md\n!README*.md\nREADME-secret.md', ['x.md', 'README-secret.md'], ['README.md', 'README-a.md']],
    ['a\n!**/keep', ['a/b'], ['a/keep', 'a/b/keep', 'a/b/keep/c']],
    ['!!a\n', [], ['a', '!a']],
    ['\\!a', ['!a'], ['a']],
  ]
  for (const [text, excluded, kept] of cases) {
    it(`reads ${JSON.stringify(text)}`, () => {
      const rules = parseIgnore(text, '.dockerignore')
      for (const path of excluded) assert.equal(rules.excludes(path), true, path)
      for (const path of kept) assert.equal(rules.excludes(path), false, path)
    })
  }

  it('never excludes the context itself', () => {
    const rules = parseIgnore('**\n.\n*', '.dockerignore')
    assert.deepEqual(
      [rules.excludes(''), rules.excludes('.'), rules.canSkipDirectory('')],
      [false, false, false],
    )
  })

  it('is empty without patterns', () => {
    assert.equal(parseIgnore('# a\n\n', 'x').isEmpty, true)
    assert.equal(parseIgnore('.', 'x').isEmpty, false)
  })

  for (const text of ['a\n!', 'a\n!/', 'a\n[', 'a\n b\\', 'a\n![x-]', 'a\n**/[]']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(
        () => parseIgnore(text, 'my.dockerignore'),
        (error) => {
          assert.ok(error instanceof Failure)
          assert.equal(error.code, 'DOCKERFILE_INVALID')
          assert.deepEqual([error.at?.file, error.at?.line], ['my.dockerignore', 2])
          return true
        },
      )
    })
  }

  const skips: [text: string, folder: string, canSkip: boolean][] = [
    ['a', 'a', true],
    ['a', 'b', false],
    ['a', 'a/b', true],
    ['*\n!a', 'b', true],
    ['*\n!a', 'a', false],
    ['*\n!b/c', 'b', false],
    ['*\n!b/c', 'bb', true],
    ['*\n!b/c', 'b/d', true],
    ['*\n!*/c', 'b', false],
    ['*\n!*/c', 'b/c/d', false],
    ['*\n!**/c', 'b/d', false],
    ['*\n!b*/c', 'd', true],
    ['!a/b\na', 'a', true],
    ['a\n!a/b\na', 'a', true],
    ['*\n!a/[bc]/d', 'a/e', true],
    ['*\n!a/[bc]/d', 'a/b', false],
    ['a/**', 'a', false],
    ['a/**', 'a/b', true],
  ]
  for (const [text, folder, canSkip] of skips) {
    it(`${canSkip ? 'skips' : 'walks into'} ${folder} with ${JSON.stringify(text)}`, () => {
      assert.equal(parseIgnore(text, 'x').canSkipDirectory(folder), canSkip)
    })
  }

  it('keeps nothing below a folder that can be skipped', () => {
    const part = fc.constantFrom('a', 'b', 'c', 'ab', '.c')
    const path = fc.array(part, { minLength: 1, maxLength: 4 })
    const component = fc.oneof(part, fc.constantFrom('*', '?', '**', 'a*', '*b', '[ab]', '**c', 'a**'))
    const pattern = fc
      .tuple(fc.constantFrom('', '', '!'), fc.array(component, { minLength: 1, maxLength: 4 }))
      .map(([mark, components]) => mark + components.join('/'))
    fc.assert(
      fc.property(fc.array(pattern, { maxLength: 5 }), path, path, (patterns, folder, rest) => {
        const rules = parseIgnore(patterns.join('\n'), 'x')
        if (!rules.canSkipDirectory(folder.join('/'))) return
        for (let length = 1; length <= rest.length; length++) {
          assert.ok(rules.excludes([...folder, ...rest.slice(0, length)].join('/')))
        }
      }),
      { numRuns: 3000 },
    )
  })

  it('answers the same in any order of questions', () => {
    const text = 'a/**/c\n!a/b\nb/*\n!b/*/c\n**/d'
    const paths = ['a', 'a/b', 'a/b/c', 'a/x/c/y', 'b', 'b/c', 'b/x/c', 'b/x/d', 'd', 'a/b/d/e']
    const inOrder = parseIgnore(text, 'x')
    const answers = new Map(paths.map((path) => [path, inOrder.excludes(path)]))
    fc.assert(
      fc.property(fc.shuffledSubarray(paths), (shuffled) => {
        const rules = parseIgnore(text, 'x')
        for (const path of shuffled) assert.equal(rules.excludes(path), answers.get(path), path)
      }),
    )
  })
})

describe('ignoreRules', () => {
  const place = { file: 'Dockerfile', line: 1, column: 1 }
  const rules = (...patterns: string[]) => ignoreRules(patterns.map((text) => ({ text, place })))

  it('takes patterns in their order', () => {
    const { excludes, isEmpty } = rules('*.o', '!keep.o', ' b/ ')
    assert.deepEqual(['a.o', 'keep.o', 'b', 'b/c', 'c'].map(excludes), [true, false, true, true, false])
    assert.equal(isEmpty, false)
  })

  it('is empty without patterns and for empty ones', () => {
    assert.equal(rules().isEmpty, true)
    assert.equal(rules('', ' ').isEmpty, true)
  })

  it('takes a "#" and a leading "/" as they are', () => {
    const { excludes } = rules('#a', '/b')
    assert.deepEqual(['#a', 'b'].map(excludes), [true, false])
  })

  it('refuses a malformed pattern', () => {
    assert.throws(
      () => rules('['),
      (error) => error instanceof Failure && error.at === place,
    )
  })
})
