import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sourceAddress } from './source-address.ts'

describe('the address of a source', () => {
  for (const [remote, address] of [
    ['git@github.com:acme/api.git', 'https://github.com/acme/api'],
    ['github.com:acme/api', 'https://github.com/acme/api'],
    ['git@gitlab.example:group/sub/api.git', 'https://gitlab.example/group/sub/api'],
    ['ssh://git@github.com/acme/api.git', 'https://github.com/acme/api'],
    ['ssh://git@git.example:2222/acme/api', 'https://git.example/acme/api'],
    ['git+ssh://git@git.example/~acme/api', 'https://git.example/acme/api'],
    ['git://git.example/acme/api.git', 'https://git.example/acme/api'],
    ['https://user:token@github.com/acme/api.git', 'https://github.com/acme/api'],
    ['https://x-access-token:s3cret@github.com/acme/api', 'https://github.com/acme/api'],
    ['https://git.example:8443/acme/api.git/', 'https://git.example:8443/acme/api'],
    ['http://git.lan/api.git', 'http://git.lan/api'],
    ['https://github.com/acme/api?token=s3cret#x', 'https://github.com/acme/api'],
    ['/srv/git/api.git', undefined],
    ['../api', undefined],
    ['file:///srv/git/api.git', undefined],
    ['C:/src/api', undefined],
    ['', undefined],
  ] as const) {
    test(`of ${remote || 'nothing'} is ${address ?? 'none'}`, () =>
      assert.equal(sourceAddress(remote), address))
  }
})
