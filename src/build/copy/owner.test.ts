import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { treeOf } from '../../../test/support/trees.ts'
import { parseOwner } from './owner.ts'

const at = { file: 'Dockerfile', line: 3, column: 14 }
const image = treeOf({
  'etc/': 0o755,
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:2000::/home/app:/sbin/nologin\nbroken\n',
  'etc/group': 'root:x:0:\nstaff:x:50:app\n',
})

describe('parseOwner', () => {
  for (const [text, uid, gid] of [
    ['1337', 1337, 1337],
    ['1337:10', 1337, 10],
    ['app', 1000, 2000],
    ['app:staff', 1000, 50],
    ['app:0', 1000, 0],
    ['0:staff', 0, 50],
    ['root:root', 0, 0],
    [':staff', 0, 50],
    ['5:', 5, 5],
  ] as const) {
    test(`reads ${text} as ${uid}:${gid}`, () => assert.deepEqual(parseOwner(text, image, at), { uid, gid }))
  }
  test('knows root without a passwd file', () =>
    assert.deepEqual(parseOwner('root', treeOf({}), at), { uid: 0, gid: 0 }))
  test('names the file that does not list a user', () =>
    assert.throws(() => parseOwner('nobody', image, at), {
      code: 'DOCKERFILE_INVALID',
      message: /unknown user "nobody": \/etc\/passwd of the test image does not list it/,
      at,
    }))
  test('says that the image has no group file', () =>
    assert.throws(() => parseOwner('0:staff', treeOf({}), at), { message: /has no \/etc\/group/ }))
  for (const bad of ['a:', ':b', 'a:b:c', '-1', '4294967295']) {
    test(`refuses "${bad}"`, () =>
      assert.throws(() => parseOwner(bad, image, at), { code: 'DOCKERFILE_INVALID' }))
  }
})
