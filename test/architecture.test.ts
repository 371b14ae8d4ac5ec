/**
 * The law of the house: which module may see which, through which door, and how long a file may be.
 * ARCHITECTURE.md explains it; the table below is what holds.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, test } from 'node:test'

/** Modules of src/, lowest level first. A module may import modules of lower levels only. */
const levels = [
  ['base'],
  ['oci', 'layer', 'dockerfile', 'hcl', 'yaml', 'http'],
  ['store', 'registry', 'kube'],
  ['build', 'gateway', 'operator', 'approvals'],
  ['cli'],
]

const lineLimit = 400

/** Files that may be longer, each with its reason. */
const longFiles = new Map<string, string>()

/** Folders and files that would be about anything. `media-types` and `credential-helper` name a thing. */
const grabBag = /^(?:helper|shared|types|lib)$|(?:^|-)(?:utils?|helpers|common|misc)$/

const root = resolve(import.meta.dirname, '..')
const source = join(root, 'src')
const levelOf = new Map(levels.flatMap((modules, level) => modules.map((name) => [name, level] as const)))

interface Import {
  readonly from: string
  readonly to: string
  readonly line: number
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .toSorted()
const texts = new Map(files.map((file) => [file, readFileSync(join(source, file), 'utf8')]))
const allImports = [...texts].flatMap(([file, text]) => importsOf(file, text))
const imports = allImports.filter(({ to }) => !to.startsWith('..'))
const edges = new Set(
  imports
    .filter(({ from, to }) => moduleOf(from) !== moduleOf(to))
    .map(({ from, to }) => `${moduleOf(from)} -> ${moduleOf(to)}`),
)

describe('architecture', () => {
  test('this test sees the whole of src/', (context) => {
    const modules = new Set(files.map(moduleOf))
    context.diagnostic(
      `${files.length} files, ${imports.length} imports, ${edges.size} edges between ${modules.size} modules`,
    )
    assert.ok(files.length >= 40, `only ${files.length} files were seen`)
    assert.ok(imports.length >= 60, `only ${imports.length} imports were seen`)
    assert.ok(edges.size >= 8, `only ${edges.size} edges between modules were seen`)
  })

  test('every file is in a module that has a level', () => {
    const strays = files.filter((file) => !levelOf.has(moduleOf(file)))
    assert.deepEqual(strays, [], `modules are ${[...levelOf.keys()].join(', ')}`)
  })

  test('every module has a door', () => {
    const modules = new Set(files.map(moduleOf))
    modules.delete('cli') // imported by nobody, it has an entry and no door
    const closed = [...modules].filter((name) => !texts.has(join(name, 'index.ts')))
    assert.deepEqual(closed, [])
  })

  test('a module sees lower levels only', () => {
    const wrong = imports.filter(({ from, to }) => {
      const [own, other] = [moduleOf(from), moduleOf(to)]
      return own !== other && !((levelOf.get(other) ?? Infinity) < (levelOf.get(own) ?? -1))
    })
    assert.deepEqual(wrong.map(describeImport), [])
  })

  test('another module is entered through its index.ts', () => {
    const wrong = imports.filter(
      ({ from, to }) => moduleOf(from) !== moduleOf(to) && to !== join(moduleOf(to), 'index.ts'),
    )
    assert.deepEqual(wrong.map(describeImport), [])
  })

  test('no file imports the door of its own module', () => {
    const wrong = imports.filter(({ from, to }) => to === join(moduleOf(from), 'index.ts'))
    assert.deepEqual(wrong.map(describeImport), [])
  })

  test('nothing but tests reaches out of src/, except for the version', () => {
    const wrong = allImports.filter(
      ({ from, to }) => to.startsWith('..') && to !== '../package.json' && !from.endsWith('.test.ts'),
    )
    assert.deepEqual(wrong.map(describeImport), [])
  })

  test(`no file is longer than ${lineLimit} lines`, () => {
    const long = [...texts]
      .map(([file, text]) => ({ file, lines: text.split('\n').length - 1 }))
      .filter(({ file, lines }) => lines > lineLimit && !longFiles.has(file))
    assert.deepEqual(long, [])
  })

  test('the list of long files has no file that is short or gone', () => {
    const needless = [...longFiles.keys()].filter(
      (file) => (texts.get(file)?.split('\n').length ?? 0) - 1 <= lineLimit,
    )
    assert.deepEqual(needless, [])
  })

  test('files are named after a thing, in kebab case', () => {
    const wrong = files.filter((file) =>
      file
        .replace(/(?:\.test)?\.ts$/, '')
        .split('/')
        .some((part) => grabBag.test(part) || !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(part)),
    )
    assert.deepEqual(wrong, [])
  })
})

describe('the reader of imports', () => {
  const cases: readonly [string, readonly string[]][] = [
    [`import { a } from './b.ts'`, ['base/b.ts']],
    [`import type { A } from '../oci/index.ts'`, ['oci/index.ts']],
    [`import {\n  a,\n  b,\n} from './b.ts'`, ['base/b.ts']],
    [`export * from "./b.ts"`, ['base/b.ts']],
    [`export { a } from './b.ts'`, ['base/b.ts']],
    [`const b = await import('./b.ts')`, ['base/b.ts']],
    [`import './b.ts'`, ['base/b.ts']],
    [`new Worker(new URL('./b.ts', import.meta.url))`, ['base/b.ts']],
    [`type B = import('./b.ts').B`, ['base/b.ts']],
    [`import { join } from 'node:path'`, []],
    [`import { a } from '../../test/x.ts'`, ['../test/x.ts']],
  ]
  for (const [text, expected] of cases) {
    test(`finds ${expected.join(', ') || 'nothing'} in ${JSON.stringify(text)}`, () =>
      assert.deepEqual(
        importsOf('base/a.ts', text).map(({ to }) => to),
        expected,
      ))
  }
})

function moduleOf(file: string): string {
  return file.split('/')[0] ?? ''
}

function importsOf(file: string, text: string): Import[] {
  const specifier = /(?:\bfrom\s*|\bimport\s*\(?\s*|\bnew URL\(\s*)(['"])(\.[^'"\n]*)\1/g
  return [...text.matchAll(specifier)].map((match) => ({
    from: file,
    to: relative(source, resolve(source, dirname(file), match[2] ?? '')),
    line: text.slice(0, match.index).split('\n').length,
  }))
}

function describeImport({ from, to, line }: Import): string {
  return `src/${from}:${line} imports ${to}`
}
