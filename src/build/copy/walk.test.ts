import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { treeOf } from '../../../test/support/trees.ts'
import { ignoreRules } from '../../dockerfile/index.ts'
import { includeRules, walk } from './walk.ts'

const place = { file: 'Dockerfile', line: 1, column: 1 }
const tree = treeOf({
  'p/': 0o755,
  'p/a.go': 'a',
  'p/q/': 0o755,
  'p/q/b.go': 'b',
  'p/q/c.md': 'c',
  'p/q/r/': 0o755,
  'p/q/r/d.go': 'd',
  'p/s/': 0o755,
  'z.go': 'z',
})

function taken(root: string, include: string | undefined, exclude: readonly string[] = []): string[] {
  const rules = {
    include: include === undefined ? undefined : includeRules({ text: include, place }),
    exclude: exclude.length === 0 ? undefined : ignoreRules(exclude.map((text) => ({ text, place }))),
  }
  return Array.from(walk(tree, root, rules), ({ relative, isParent }) =>
    isParent ? `(${relative})` : relative,
  )
}

describe('walk', () => {
  const cases: readonly (readonly [
    string,
    string,
    string | undefined,
    readonly string[],
    readonly string[],
  ])[] = [
    ['takes everything without rules', 'p/q', undefined, [], ['b.go', 'c.md', 'r', 'r/d.go']],
    ['takes a file with the folders on the way', '', 'p/q/b.go', [], ['(p)', '(p/q)', 'p/q/b.go']],
    ['takes all of a folder that matches', '', 'p/q/r', [], ['(p)', '(p/q)', 'p/q/r', 'p/q/r/d.go']],
    [
      'matches at any depth',
      '',
      '**/*.go',
      [],
      ['(p)', 'p/a.go', '(p/q)', 'p/q/b.go', '(p/q/r)', 'p/q/r/d.go', 'z.go'],
    ],
    ['matches one level', 'p', '*/*.go', [], ['(q)', 'q/b.go']],
    ['takes no folder that holds nothing', '', 'p/*/x', [], []],
    ['leaves out what is excluded', 'p', undefined, ['q'], ['a.go', 's']],
    [
      'brings back below what is excluded',
      'p',
      undefined,
      ['q', '!q/r'],
      ['a.go', '(q)', 'q/r', 'q/r/d.go', 's'],
    ],
    ['lets exclude win over include', '', 'p', ['**/*.go', 'p/s'], ['p', 'p/q', 'p/q/c.md', 'p/q/r']],
  ]
  for (const [name, root, include, exclude, expected] of cases)
    test(name, () => assert.deepEqual(taken(root, include, exclude), expected))

  test('does not list folders that cannot hold a match', () => {
    const listed: string[] = []
    const watched = { ...tree, children: (path: string) => (listed.push(path), tree.children(path)) }
    const include = includeRules({ text: 'p/q/r/d.go', place })
    assert.equal([...walk(watched, '', { include })].length, 4)
    assert.deepEqual(listed, ['', 'p', 'p/q', 'p/q/r'])
  })

  test('refuses a malformed pattern', () =>
    assert.throws(() => includeRules({ text: 'a[', place }), { code: 'DOCKERFILE_INVALID', at: place }))
})
