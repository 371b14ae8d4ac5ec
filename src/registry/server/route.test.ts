import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sha256 } from '../../oci/index.ts'
import { Refusal } from './answer.ts'
import { routeOf } from './route.ts'

const digest = sha256('x')

test('every end point is told from its path', () => {
  const cases: [string, ReturnType<typeof routeOf>][] = [
    ['/v2/', { kind: 'version' }],
    ['/v2', { kind: 'version' }],
    ['/v2/a/manifests/v1', { kind: 'manifest', repository: 'a', reference: { tag: 'v1' } }],
    [`/v2/a/b/manifests/${digest}`, { kind: 'manifest', repository: 'a/b', reference: { digest } }],
    [
      `/v2/a/manifests/${encodeURIComponent(digest)}`,
      { kind: 'manifest', repository: 'a', reference: { digest } },
    ],
    [`/v2/a/blobs/${digest}`, { kind: 'blob', repository: 'a', digest }],
    ['/v2/a/blobs/uploads/', { kind: 'uploads', repository: 'a' }],
    ['/v2/a/blobs/uploads', { kind: 'uploads', repository: 'a' }],
    ['/v2/a/blobs/uploads/17', { kind: 'upload', repository: 'a', id: '17' }],
    ['/v2/a/tags/list', { kind: 'tags', repository: 'a' }],
    [`/v2/a/referrers/${digest}`, { kind: 'referrers', repository: 'a', digest }],
  ]
  for (const [path, expected] of cases) assert.deepEqual(routeOf(path), expected, path)
})

test('the names of end points may be parts of a repository name', () => {
  assert.deepEqual(routeOf('/v2/tags/manifests/blobs/manifests/v1'), {
    kind: 'manifest',
    repository: 'tags/manifests/blobs',
    reference: { tag: 'v1' },
  })
})

test('what is wrong is refused with the code of the specification', () => {
  const cases: [string, number, string][] = [
    ['/', 404, 'UNSUPPORTED'],
    ['/v1/search', 404, 'UNSUPPORTED'],
    ['/v2/_catalog', 404, 'UNSUPPORTED'],
    ['/v2/Upper/tags/list', 400, 'NAME_INVALID'],
    ['/v2/../etc/tags/list', 400, 'NAME_INVALID'],
    ['/v2/a/manifests/sha256:12', 400, 'DIGEST_INVALID'],
    ['/v2/a/manifests/-v1', 400, 'TAG_INVALID'],
    ['/v2/a/blobs/x', 400, 'DIGEST_INVALID'],
  ]
  for (const [path, status, code] of cases) {
    assert.throws(
      () => routeOf(path),
      (error) => error instanceof Refusal && error.status === status && error.code === code,
      path,
    )
  }
})
