import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, test } from 'node:test'
import { cachePlaces, placeOfName } from './places.ts'

const source = resolve(import.meta.dirname, '../..')

describe('places in the cache', () => {
  test('no code makes a place of its own in the cache folder', () => {
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('store/cache/'),
    )
    const wrong: string[] = []
    let seen = 0
    for (const file of files) {
      const text = readFileSync(join(source, file), 'utf8')
      if (text.includes('cachePath(')) seen++
      // `cache` is what the cache folder is called everywhere.
      for (const [found] of text.matchAll(
        /join\((?:options\.)?cache,[^)]*\)|\$\{(?:options\.)?cache\}\/[^`]*`/g,
      ))
        wrong.push(`${file}: ${found}`)
    }
    assert.ok(seen >= 10, `only ${seen} files use the cache`)
    assert.deepEqual(wrong, [], 'name it in store/cache/places.ts and use cachePath')
  })

  test('no two share a place', () => {
    const paths = Object.values(cachePlaces).map(({ path }) => path)
    assert.equal(new Set(paths).size, paths.length)
  })

  const cases: [string, ReturnType<typeof placeOfName>][] = [
    ['layers-2.log', { place: 'layers', isOutdated: false }],
    ['layers-1.log', { place: 'layers', isOutdated: true }],
    ['packed-1', { place: 'packed', isOutdated: false }],
    ['packed-7', { place: 'packed', isOutdated: true }],
    ['packed-1.log', { place: 'compressed', isOutdated: true }],
    ['files', { place: 'baseFiles', isOutdated: false }],
    ['files-1.log', { place: 'fileDigests', isOutdated: true }],
    ['peers', undefined],
    ['layers', undefined],
    ['builds-1', undefined],
  ]
  for (const [name, expected] of cases) {
    test(`${name} is ${expected ? `${expected.place}${expected.isOutdated ? ', outdated' : ''}` : 'of somebody else'}`, () =>
      assert.deepEqual(placeOfName(name), expected))
  }
})
