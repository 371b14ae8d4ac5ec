import assert from 'node:assert/strict'
import { test } from 'node:test'
import { completeAttestFlags, type AttestFlags } from './attest-flags.ts'
import { attestOptionsOf, signOptionsOf } from './attest-request.ts'

test('without flags nothing is asked for', () => {
  assert.equal(attestOptionsOf({}), undefined)
  assert.equal(attestOptionsOf({ sbom: 'false', provenance: 'false' }), undefined)
})

test('the spellings of buildx, and formats of our own', () => {
  const min = { mode: 'min' }
  const cases: readonly [AttestFlags, unknown][] = [
    [{ sbom: 'true' }, { sbom: ['spdx'] }],
    [{ sbom: 'both' }, { sbom: ['spdx', 'cyclonedx'] }],
    [{ provenance: 'true' }, { sbom: [], provenance: min }],
    [{ provenance: 'mode=max,version=v1' }, { sbom: [], provenance: { mode: 'max' } }],
    [
      { provenance: 'builder-id=https://ci.example.org' },
      { sbom: [], provenance: { mode: 'min', builderId: 'https://ci.example.org' } },
    ],
    [{ attest: ['type=sbom', 'type=provenance'] }, { sbom: ['spdx'], provenance: min }],
    [{ attest: ['type=sbom,format=cyclonedx'] }, { sbom: ['cyclonedx'] }],
    [
      { attest: ['type=provenance,mode=max'], provenance: 'false', sbom: 'spdx' },
      { sbom: ['spdx'], provenance: undefined },
    ],
    [{ attest: ['type=sbom', 'type=sbom,disabled=true'] }, undefined],
  ]
  for (const [flags, expected] of cases)
    assert.deepEqual(attestOptionsOf(flags), expected, JSON.stringify(flags))
})

test('what is not understood is said, with what is', () => {
  const cases: readonly [AttestFlags, RegExp][] = [
    [{ sbom: 'spdxx' }, /--sbom has no format "spdxx"/],
    [{ sbom: 'generator=docker/scanner' }, /--sbom has no generator/],
    [{ provenance: 'mode=all' }, /--provenance has no mode "all"/],
    [{ provenance: 'inline-only=true' }, /--provenance has no field "inline-only"/],
    [{ provenance: 'version=v0.2' }, /cannot write SLSA v0\.2/],
    [{ attest: ['type=vex'] }, /--attest asks for "vex", which is no document/],
    [{ attest: ['sbom'] }, /"sbom" is not name=value/],
    [{ sbom: 'constructor' }, /no format "constructor"/],
  ]
  for (const [flags, message] of cases)
    assert.throws(() => attestOptionsOf(flags), { code: 'USAGE', message })
})

test('what follows a flag is its value only when it is one', () => {
  assert.deepEqual(completeAttestFlags(['build', '--sbom', '--provenance', '.']), [
    'build',
    '--sbom=true',
    '--provenance=true',
    '.',
  ])
  assert.deepEqual(completeAttestFlags(['--sbom', 'both', '--provenance', 'mode=max', '--', '--sbom']), [
    '--sbom',
    'both',
    '--provenance',
    'mode=max',
    '--',
    '--sbom',
  ])
})

test('signing needs a registry', () => {
  assert.equal(signOptionsOf({}, [{ kind: 'registry' }]), undefined)
  assert.deepEqual(signOptionsOf({ signKey: 'k' }, [{ kind: 'registry' }]), { key: 'k' })
  assert.throws(() => signOptionsOf({ sign: true }, [{ kind: 'layout', folder: '/x' }]), { code: 'USAGE' })
})
