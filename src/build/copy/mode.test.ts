import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseMode } from './mode.ts'

const at = { file: 'Dockerfile', line: 1, column: 1 }
const octal = (mode: number) => mode.toString(8).padStart(4, '0')

describe('parseMode', () => {
  for (const [text, before, type, after] of [
    ['755', 0o600, 'file', '0755'],
    ['4711', 0o600, 'file', '4711'],
    ['0', 0o777, 'file', '0000'],
    ['u+x', 0o644, 'file', '0744'],
    ['go-w', 0o666, 'file', '0644'],
    ['a=r', 0o777, 'file', '0444'],
    ['=rx', 0o777, 'file', '0555'],
    ['+x', 0o644, 'file', '0755'],
    ['u=rwX,go=rX', 0o644, 'file', '0644'],
    ['u=rwX,go=rX', 0o744, 'file', '0755'],
    ['u=rwX,go=rX', 0o700, 'directory', '0755'],
    ['g=u', 0o750, 'file', '0770'],
    ['o=g', 0o754, 'file', '0755'],
    ['u+s', 0o755, 'file', '4755'],
    ['g+s', 0o755, 'file', '2755'],
    ['+t', 0o755, 'directory', '1755'],
    ['u+rw-x', 0o100, 'file', '0600'],
  ] as const) {
    test(`${text} turns ${octal(before)} of a ${type} into ${after}`, () =>
      assert.equal(octal(parseMode(text, at)({ mode: before, type })), after))
  }
  for (const bad of ['', '8', '10000', '77777', 'u+q', 'x+r', 'u', 'rwx', 'u+x,', 'u+x;rm']) {
    test(`refuses "${bad}" with its place`, () =>
      assert.throws(() => parseMode(bad, at), { code: 'DOCKERFILE_INVALID', at }))
  }
})
