import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { parseReference } from '../oci/index.ts'
import { copyTargets } from './copy-targets.ts'
import { parseImageName } from './image-name.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway-name-'))
after(() => rmSync(folder, { recursive: true }))
mkdirSync(join(folder, 'layout'))
writeFileSync(join(folder, 'layout/oci-layout'), '')
mkdirSync(join(folder, 'sources'))
writeFileSync(join(folder, 'saved'), '')

const at = (name: string): string => join(folder, name)
const registry = (text: string) => ({ kind: 'registry', reference: parseReference(text) })
const plain = { isPlain: true }

describe('the name of an image', () => {
  for (const [text, expected] of [
    ['ghcr.io/acme/api:1', registry('ghcr.io/acme/api:1')],
    ['docker://localhost:5000/api', registry('localhost:5000/api')],
    ['localhost:5000/api:1', registry('localhost:5000/api:1')],
    ['nginx', registry('nginx')],
    ['sources', registry('sources')],
    ['layout', { kind: 'layout', path: at('layout'), ...plain }],
    ['layout:one', { kind: 'layout', path: at('layout'), name: 'one', ...plain }],
    [
      './layout:localhost:5000/a:1',
      { kind: 'layout', path: at('layout'), name: 'localhost:5000/a:1', ...plain },
    ],
    ['oci:new', { kind: 'layout', path: at('new'), isPlain: false }],
    ['oci:new:v1', { kind: 'layout', path: at('new'), name: 'v1', isPlain: false }],
    ['./new', { kind: 'layout', path: at('new'), ...plain }],
    ['new.tar', { kind: 'archive', format: 'any', path: at('new.tar'), ...plain }],
    ['saved:a:1', { kind: 'archive', format: 'any', path: at('saved'), name: 'a:1', ...plain }],
    ['oci-archive:a.tar:x', { kind: 'archive', format: 'oci', path: at('a.tar'), name: 'x', isPlain: false }],
    [
      'docker-archive:a.tar:acme/api:1',
      { kind: 'archive', format: 'docker', path: at('a.tar'), name: 'acme/api:1', isPlain: false },
    ],
    ['docker-daemon:acme/api:1', { kind: 'daemon', name: 'acme/api:1' }],
  ] as const) {
    test(`${text} is in a ${expected.kind}`, () => assert.deepEqual(parseImageName(text, folder), expected))
  }
  for (const [text, code] of [
    ['dir:x', 'USAGE'],
    ['containers-storage:x', 'USAGE'],
    ['oci:', 'USAGE'],
    ['docker-daemon:', 'USAGE'],
    ['docker://', 'REFERENCE_INVALID'],
    ['Not/A/Reference', 'REFERENCE_INVALID'],
    ['', 'REFERENCE_INVALID'],
  ] as const) {
    test(`${text || 'nothing'} is refused`, () =>
      assert.throws(() => parseImageName(text, folder), { code, exitStatus: 2 }))
  }
})

describe('targets of a copy', () => {
  const source = {
    references: [parseReference('ghcr.io/acme/api:1')],
    top: { mediaType: 'x', digest: `sha256:${'0'.repeat(64)}`, size: 1 } as const,
  }
  const targets = (...texts: string[]) =>
    copyTargets(
      texts.map((text) => parseImageName(text, folder)),
      source,
    )
  test('in registries are one', () =>
    assert.deepEqual(targets('a.io/x:1', 'b.io/y:2'), [
      { output: { kind: 'registry' }, names: { references: ['a.io/x:1', 'b.io/y:2'].map(parseReference) } },
    ]))
  test('keep the names of the source in a plain path, and have those of skopeo in its transports', () => {
    assert.deepEqual(
      targets('./new', 'oci:new', 'oci:new:v1', 'docker-archive:a.tar:b:2').map(({ names }) => names),
      [
        { references: source.references },
        { references: [] },
        { references: [], refNames: ['v1'] },
        { references: [parseReference('b:2')] },
      ],
    )
  })
  test('with another digest are refused', () =>
    assert.throws(() => targets(`a.io/x@sha256:${'1'.repeat(64)}`), { code: 'USAGE' }))
})
