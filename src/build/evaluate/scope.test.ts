import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parsePlatform } from '../../oci/index.ts'
import { checkHistory } from './history.ts'
import { parsePorts } from './ports.ts'
import { newScope, parseEnv, platformArgs, replaceEnv } from './scope.ts'
import { checkSignal } from './signals.ts'

const at = { file: 'Dockerfile', line: 1, column: 1 }

describe('platform arguments', () => {
  const args = platformArgs(
    { target: parsePlatform('linux/arm/v7'), build: parsePlatform('linux/amd64') },
    { TARGETARCH: 'mine' },
  )
  for (const [name, value] of [
    ['TARGETPLATFORM', 'linux/arm/v7'],
    ['TARGETOS', 'linux'],
    ['TARGETARCH', 'mine'],
    ['TARGETVARIANT', 'v7'],
    ['BUILDPLATFORM', 'linux/amd64'],
    ['BUILDVARIANT', ''],
    ['TARGETSTAGE', 'default'],
  ] as const) {
    test(`${name} is "${value}"`, () => assert.equal(args.get(name), value))
  }
})

describe('environment lines', () => {
  test('are read with empty values and further equals signs', () =>
    assert.deepEqual(parseEnv(['A=1', 'B=', 'C=x=y', 'D']), [
      ['A', '1'],
      ['B', ''],
      ['C', 'x=y'],
      ['D', ''],
    ]))
  test('are replaced where they stand', () =>
    assert.deepEqual(replaceEnv(['A=1', 'AB=2'], 'A', '3'), ['A=3', 'AB=2']))
  test('are added at the end', () => assert.deepEqual(replaceEnv(undefined, 'A', '1'), ['A=1']))
  test('a clone of a scope does not change its origin', () => {
    const scope = newScope([['A', '1']])
    scope.clone().set('A', '2')
    assert.equal(scope.get('A'), '1')
  })
})

describe('EXPOSE', () => {
  for (const [text, ports] of [
    ['80', ['80/tcp']],
    ['53/UDP', ['53/udp']],
    ['8000-8002/tcp', ['8000/tcp', '8001/tcp', '8002/tcp']],
    ['7-7', ['7/tcp']],
  ] as const) {
    test(`reads ${text}`, () => assert.deepEqual(parsePorts(text, at), ports))
  }
  for (const bad of ['', 'http', '70000', '2-1', '80/icmp', '80/tcp/x', '1-2-3', '-1']) {
    test(`refuses "${bad}"`, () =>
      assert.throws(() => parsePorts(bad, at), { code: 'DOCKERFILE_INVALID', at }))
  }
})

describe('STOPSIGNAL', () => {
  for (const good of ['SIGTERM', 'term', '9', 'SIGRTMIN+3'])
    test(`takes ${good}`, () => assert.equal(checkSignal(good, at), undefined))
  test('refuses a name it does not know with the nearest', () =>
    assert.throws(() => checkSignal('SIGTREM', at), {
      code: 'DOCKERFILE_INVALID',
      hint: 'did you mean SIGTERM?',
    }))
  for (const bad of ['', '0', '65', 'SIG'])
    test(`refuses "${bad}"`, () => assert.throws(() => checkSignal(bad, at)))
})

describe('history of a base', () => {
  test('gets an entry for each layer that has none', () =>
    assert.equal(checkHistory([{ created_by: 'a' }], 3).length, 3))
  test('has what it has too much marked as empty', () =>
    assert.deepEqual(checkHistory([{ created_by: 'a' }, { created_by: 'b' }], 1), [
      { created_by: 'a' },
      { created_by: 'b', empty_layer: true },
    ]))
  test('that lines up stays as it is', () => {
    const history = [{ created_by: 'a' }, { created_by: 'b', empty_layer: true }]
    assert.deepEqual(checkHistory(history, 1), history)
  })
})
