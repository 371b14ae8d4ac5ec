import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as z from 'zod/mini'
import { codeFrame, Failure } from '../base/index.ts'
import { parseYaml } from './document.ts'
import { checkSchema } from './schema.ts'

const schema = z.strictObject({
  hubs: z.optional(z.array(z.string())),
  mode: z.optional(z.enum(['fast', 'slow'])),
  images: z.array(
    z.strictObject({
      name: z.string().check(z.regex(/^[a-z]+$/, 'is not an image name')),
      base: z.optional(z.boolean()),
      files: z.optional(z.array(z.union([z.string(), z.strictObject({ from: z.string(), to: z.string() })]))),
      args: z.optional(z.record(z.string().check(z.regex(/^[A-Z]+$/, 'is not a variable')), z.string())),
    }),
  ),
})

function problems(text: string): Failure[] {
  try {
    checkSchema(parseYaml(text, 'p.yaml'), schema)
  } catch (error) {
    assert.ok(error instanceof Failure, String(error))
    return [error, ...error.others]
  }
  return []
}

test('a document that fits gives its value', () => {
  const document = parseYaml('images: [{name: a, files: [x, {from: a, to: b}]}]', 'p.yaml')
  assert.deepEqual(checkSchema(document, schema), {
    images: [{ name: 'a', files: ['x', { from: 'a', to: 'b' }] }],
  })
})

test('each issue is one sentence with the value, its place and a hint', () => {
  const cases: [string, string, string, string | undefined][] = [
    ['images: []\nhub: [a]', 'unknown key "hub" in p.yaml', '2:1-4', 'did you mean "hubs"?'],
    [
      'images: []\nzzzzzz: 1',
      'unknown key "zzzzzz" in p.yaml',
      '2:1-7',
      'the keys here are hubs, mode, images',
    ],
    [
      'images:\n- name: a\n  bse: true',
      'unknown key "bse" in images[0] (a)',
      '3:3-6',
      'did you mean "base"?',
    ],
    [
      'images: [{name: a, files: [{from: x, to: y, too: z}]}]',
      'unknown key "too" in images[0] (a).files[0]',
      '1:45-48',
      'did you mean "to"?',
    ],
    [
      'images: [{name: a, files: [{from: x}]}]',
      'images[0] (a).files[0] has no "to"',
      '1:28-37',
      'add "to"; it must be a text',
    ],
    [
      'images: [{name: a, files: [3]}]',
      'images[0] (a).files[0] must be a text or a map, not the number 3',
      '1:28-29',
      undefined,
    ],
    ['images: x', 'images must be a list, not "x"', '1:9-10', undefined],
    ['images:', 'images must be a list, not empty', '1:1-7', undefined],
    ['hubs: []', 'p.yaml has no "images"', '1:1-9', 'add "images"; it must be a list'],
    ['images: [{name: Foo}]', 'images[0] (Foo).name: "Foo" is not an image name', '1:17-20', undefined],
    [
      'images: [{name: a, base: maybe}]',
      'images[0] (a).base must be true or false, not "maybe"',
      '1:26-31',
      undefined,
    ],
    [
      'images: [{name: a, args: {A: 1.20}}]',
      'images[0] (a).args.A must be a text, not the number 1.2',
      '1:30-34',
      'put quotes around it, so that YAML keeps it as it is written',
    ],
    ['images: [{name: a, args: {b: x}}]', 'images[0] (a).args: "b" is not a variable', '1:27-28', undefined],
    ['images: []\nmode: fastest', 'mode must be "fast" or "slow", not "fastest"', '2:7-14', undefined],
    ['- a', 'p.yaml must be a map, not the list ["a"]', '1:1-4', undefined],
    ['', 'p.yaml must be a map, not empty', '1:1-2', undefined],
  ]
  for (const [text, message, place, hint] of cases) {
    const [failure, ...others] = problems(text)
    assert.ok(failure, text)
    assert.equal(failure.message, message)
    assert.equal(`${failure.at?.line}:${failure.at?.column}-${failure.at?.endColumn}`, place, message)
    assert.equal(failure.hint, hint, message)
    assert.deepEqual(others, [], message)
  }
})

test('all issues of a file come together in the order of the file', () => {
  const found = problems('hubs: x\nimages:\n  - name: Foo\n    bse: true\n    args: {A: 1}\n')
  assert.deepEqual(
    found.map((failure) => failure.at?.line),
    [1, 3, 4, 5],
  )
  assert.deepEqual(codeFrame(found[2]!.at!), ['    4 |     bse: true', '      |     ^^^'])
})
