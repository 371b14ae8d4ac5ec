import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parsePairs } from './flags.ts'
import { parseOutputs } from './outputs.ts'

const outputs = (flags: Parameters<typeof parseOutputs>[0]) => parseOutputs(flags, '/work-dir', '/root-dir')

describe('outputs', () => {
  test('default to a layout under the project root', () =>
    assert.deepEqual(outputs({}), [{ kind: 'layout', folder: '/root-dir/.slipway/oci' }]))
  test('several at once are kept, each once', () =>
    assert.deepEqual(
      outputs({ push: true, save: ['a'], output: ['type=registry', 'type=oci,dest=a', 'b'] }),
      [
        { kind: 'registry' },
        { kind: 'layout', folder: '/work-dir/a' },
        { kind: 'layout', folder: '/work-dir/b' },
      ],
    ))
  for (const [text, message] of [
    ['type=docker', /the type docker is not supported yet/],
    ['type=oic,dest=x', /"oic" is not an output type/],
    ['type=oci', /it names no folder/],
    ['type=oci,dset=x', /unknown field "dset"/],
    ['type=oci,dest=x,tar=true', /archive of a layout is not supported yet/],
    ['type=oci,dest', /"dest" is not name=value/],
  ] as const) {
    test(`refuses ${text}`, () =>
      assert.throws(() => outputs({ output: [text] }), { code: 'USAGE', message }))
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
