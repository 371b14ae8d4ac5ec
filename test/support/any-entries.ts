/** Generators of entries and recipes for property tests. */
import fc from 'fast-check'
import type { Entry } from '../../src/layer/index.ts'
import { entry } from './layers.ts'

/** Parts of names: plain, long, not ASCII, not UTF-8, with odd bytes, but none that a layer refuses. */
const part = fc
  .oneof(
    { weight: 6, arbitrary: fc.stringMatching(/^[a-z0-9._ -]{1,12}$/) },
    { weight: 2, arbitrary: fc.stringMatching(/^[a-z]{40,130}$/) },
    { weight: 2, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('a\udcff', '\udce4\udcf6', 'x=1', 'line\nbreak', '-', '\u{1F600}'),
    },
  )
  .filter((text) => !/^\.{1,2}$|^\.wh\.|[/\0]/.test(text))

const path = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'))

const owner = fc.oneof(fc.nat(3_000_000), fc.constantFrom(0, 65_534, 2_097_151, 2_097_152, 4_294_967_294))
const time = fc.oneof(fc.nat(2_000_000_000), fc.constantFrom(0, -1, 8_589_934_591, 8_589_934_592))

const attributes = fc.option(
  fc.dictionary(
    fc.constantFrom('security.capability', 'user.note', 'trusted.é'),
    fc.uint8Array({ maxLength: 40 }),
    { minKeys: 1, noNullPrototype: true },
  ),
  { nil: undefined },
)

/** An entry of any type but a hard link, with its content inline. */
const anyEntry: fc.Arbitrary<Entry> = fc
  .record({
    path,
    type: fc.constantFrom('file', 'file', 'file', 'directory', 'symlink', 'character', 'block', 'fifo'),
    mode: fc.nat(0o7777),
    uid: owner,
    gid: owner,
    mtime: time,
    link: path,
    content: fc.uint8Array({ maxLength: 1500 }),
    device: fc.record({ major: fc.nat(4095), minor: fc.nat(1_048_575) }, { noNullPrototype: true }),
    xattrs: attributes,
  })
  .map(({ type, link, content, device, xattrs, ...fields }) =>
    entry({
      ...fields,
      type,
      ...(type === 'symlink' && { link }),
      ...((type === 'character' || type === 'block') && { device }),
      ...(type === 'file' && content.length > 0 && contentOf(content)),
      ...(xattrs && { xattrs }),
    }),
  )

/** Entries that make a recipe: no two at one path, none below one that is no directory, some hard links. */
export const anyEntries: fc.Arbitrary<Entry[]> = fc
  .tuple(
    fc.uniqueArray(anyEntry, { selector: (each) => each.path, maxLength: 25 }),
    fc.array(fc.record({ name: part, target: fc.nat() }), { maxLength: 4 }),
  )
  .map(([entries, links]) => {
    const leaves = new Set(entries.filter((each) => each.type !== 'directory').map((each) => each.path))
    const fitting = entries.filter((each) => !parents(each.path).some((parent) => leaves.has(parent)))
    const files = fitting.filter((each) => each.type === 'file')
    const taken = new Set(fitting.flatMap((each) => [each.path, ...parents(each.path)]))
    for (const { name, target } of files.length === 0 ? [] : links) {
      if (taken.has(name)) continue
      taken.add(name)
      fitting.push(entry({ path: name, type: 'hardlink', link: files[target % files.length]!.path }))
    }
    return fitting
  })

function contentOf(bytes: Uint8Array): Pick<Entry, 'size' | 'source'> {
  return { size: bytes.length, source: { kind: 'bytes', bytes } }
}

function parents(child: string): string[] {
  const parts = child.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}
