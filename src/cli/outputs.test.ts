import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parsePairs } from './flags.ts'
import { completeLoadFlag } from './load-flag.ts'
import { takesStandardOutput } from './output.ts'
import { checkOutputs, parseOutputs } from './outputs.ts'

const outputs = (flags: Parameters<typeof parseOutputs>[0]) => parseOutputs(flags, '/work-dir', '/root-dir')

describe('outputs', () => {
  test('default to a layout under the project root', () =>
    assert.deepEqual(outputs({}), [{ kind: 'layout', folder: '/root-dir/.slipway/oci' }]))
  test('several at once are kept, each once', () =>
    assert.deepEqual(
      outputs({
        push: true,
        load: ['docker', 'kind:demo', 'kind', 'containerd', 'containerd:k8s.io'],
        save: ['a'],
        output: ['type=registry', 'type=oci,dest=a', 'type=docker,context=far', 'b'],
      }),
      [
        { kind: 'registry' },
        { kind: 'docker' },
        { kind: 'kind', cluster: 'demo' },
        { kind: 'kind', cluster: undefined },
        { kind: 'containerd', namespace: undefined },
        { kind: 'containerd', namespace: 'k8s.io' },
        { kind: 'layout', folder: '/work-dir/a' },
        { kind: 'docker', context: 'far' },
        { kind: 'local', folder: '/work-dir/b' },
      ],
    ))
  test('two that write to one place are refused', () => {
    const clash = { code: 'USAGE', message: /two outputs write to \/work-dir\/a$/ }
    assert.throws(() => outputs({ output: ['type=oci,dest=a', 'type=local,dest=a'] }), clash)
    assert.throws(() => outputs({ output: ['-', 'type=oci'] }), /write to the standard output/)
  })
  test('know whether the standard output is taken', () => {
    assert.equal(takesStandardOutput(outputs({ output: ['type=oci', 'x'] })), true)
    assert.equal(takesStandardOutput(outputs({ output: ['type=oci,dest=x.tar'] })), false)
  })
  test('need names where there is nothing without one', () => {
    const images = [{ name: 'web', tags: [], base: false }] as never
    const push = outputs({ push: true })
    assert.throws(() => checkOutputs(push, { images }), {
      message: 'pushing needs a name for the image "web"',
    })
    assert.throws(
      () => checkOutputs(outputs({ load: ['kind'] }), { images }),
      /loading into kind needs a name/,
    )
    checkOutputs(outputs({ load: ['docker'] }), { images })
  })
  test('for the files of an image take one image', () => {
    const images = [
      { name: 'web', tags: [] },
      { name: 'api', tags: [] },
    ] as never
    const message = /the files of 2 images cannot go to one place/
    assert.throws(() => checkOutputs(outputs({ output: ['out'] }), { images }), message)
    checkOutputs(outputs({ output: ['type=oci'] }), { images })
  })
})

describe('an output', () => {
  for (const [text, output] of [
    ['-', { kind: 'tar', path: '-' }],
    ['out', { kind: 'local', folder: '/work-dir/out' }],
    ['type=local,dest=out', { kind: 'local', folder: '/work-dir/out' }],
    ['type=tar,dest=x', { kind: 'tar', path: '/work-dir/x' }],
    ['type=tar', { kind: 'tar', path: '-' }],
    ['type=oci', { kind: 'archive', format: 'oci', path: '-' }],
    ['type=oci,dest=-', { kind: 'archive', format: 'oci', path: '-' }],
    ['type=oci,dest=x', { kind: 'layout', folder: '/work-dir/x' }],
    ['type=oci,dest=x.tar', { kind: 'archive', format: 'oci', path: '/work-dir/x.tar' }],
    ['type=oci,dest=x.tar,tar=false', { kind: 'layout', folder: '/work-dir/x.tar' }],
    ['type=oci,dest=x,tar=1', { kind: 'archive', format: 'oci', path: '/work-dir/x' }],
    ['type=oci,oci-mediatypes=true,dest=/x', { kind: 'layout', folder: '/x' }],
    ['type=docker', { kind: 'docker', context: undefined }],
    ['type=docker,context=far', { kind: 'docker', context: 'far' }],
    ['type=docker,dest=x', { kind: 'archive', format: 'docker', path: '/work-dir/x' }],
    ['type=docker,dest=-', { kind: 'archive', format: 'docker', path: '-' }],
    ['type=image,push=true', { kind: 'registry' }],
    ['type=cacheonly', { kind: 'none' }],
    ['type=registry,compression=zstd', { kind: 'registry', codec: { type: 'zstd', level: 3 } }],
    [
      'type=oci,dest=/x,compression=gzip,compression-level=9',
      { kind: 'layout', folder: '/x', codec: { type: 'gzip', level: 9 } },
    ],
    [
      'type=docker,dest=x,compression=uncompressed',
      { kind: 'archive', format: 'docker', path: '/work-dir/x', codec: { type: 'none', level: 0 } },
    ],
    ['type=local,"dest=a,b"', { kind: 'local', folder: '/work-dir/a,b' }],
  ] as const) {
    test(`${text}`, () => assert.deepEqual(outputs({ output: [text] }), [output]))
  }
  for (const [text, message] of [
    ['', /it is empty/],
    ['type=oic,dest=x', /"oic" is not an output type/],
    ['dest=x', /it has no type/],
    ['type=oci,tar=false', /it names no folder/],
    ['type=oci,dest=', /its dest is empty/],
    ['type=oci,dset=x', /unknown field "dset"/],
    ['type=local,dest=x,tar=true', /the type local cannot have "tar=true"/],
    ['type=oci,dest=x,tar=yes', /"yes" is not a value of tar/],
    ['type=oci,dest=x.tar.gz', /not compressed as a whole/],
    ['type=oci,dest=x,oci-mediatypes=false', /cannot have "oci-mediatypes=false"/],
    ['type=oci,dest=x,dest=y', /"dest" twice/],
    ['type=oci,dest', /"dest" is not name=value/],
    ['type=docker,tar=false', /always a tar/],
    ['type=docker,dest=x,context=y', /both a dest and a context/],
    ['type=image', /it names no place/],
    ['type=registry,compression=estargz', /cannot be compressed as estargz/],
    ['type=registry,compression=zstd,compression-level=23', /"23" is not a level of zstd/],
    ['type=registry,compression-level=3', /a level and no compression/],
    ['type=docker,compression=zstd', /a daemon unpacks layers at once/],
    ['type=local,dest=x,compression=gzip', /the type local cannot have "compression=gzip"/],
    ['type=image,name=x,push=true', /names are not part of an output/],
  ] as const) {
    test(`${text} is refused`, () =>
      assert.throws(() => outputs({ output: [text] }), { code: 'USAGE', message }))
  }
})

describe('--compression', () => {
  const zstd = { type: 'zstd', level: 3 }
  test('is for what does not say it itself, and keeps layers', () =>
    assert.deepEqual(
      outputs({
        push: true,
        load: ['docker'],
        save: ['x'],
        output: ['type=oci,dest=y,compression=gzip'],
        compression: 'zstd',
      }),
      [
        { kind: 'registry', codec: zstd },
        { kind: 'docker' },
        { kind: 'layout', folder: '/work-dir/x', codec: zstd },
        { kind: 'layout', folder: '/work-dir/y', codec: { type: 'gzip', level: 6 } },
      ],
    ))
  test('with nothing to compress is refused', () =>
    assert.throws(() => outputs({ load: ['docker'], compression: 'zstd' }), {
      code: 'USAGE',
      message: /nothing to compress/,
    }))
  test('of one push counts for --push beside it, and two of them are refused', () => {
    const output = ['type=registry,compression=zstd']
    assert.deepEqual(outputs({ push: true, output }), [{ kind: 'registry', codec: zstd }])
    assert.throws(() => outputs({ output: [...output, 'type=registry,compression=gzip'] }), {
      code: 'USAGE',
      message: /different compressions/,
    })
  })
})

describe('--load', () => {
  test('has a value only with an equals sign', () =>
    assert.deepEqual(completeLoadFlag(['build', '--load', '.', '--load=kind', '--', '--load']), [
      'build',
      '--load=docker',
      '.',
      '--load=kind',
      '--',
      '--load',
    ]))
  for (const text of ['dcoker', 'docker:x', 'kind:', 'containerd:', '']) {
    test(`"${text}" is refused`, () => assert.throws(() => outputs({ load: [text] }), { code: 'USAGE' }))
  }
})

describe('name=value flags', () => {
  test('keep further equals signs and take a bare name from the environment', () =>
    assert.deepEqual(parsePairs('--build-arg', ['A=1=2', 'HOME', 'NOPE', 'E='], { HOME: '/h' }), {
      A: '1=2',
      HOME: '/h',
      E: '',
    }))
  test('need a name', () => assert.throws(() => parsePairs('--label', ['=x']), { code: 'USAGE' }))
})
