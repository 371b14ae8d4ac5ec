import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redactUrl } from './redact.ts'

for (const [url, expected] of [
  ['https://ghcr.io/v2/a/b', 'https://ghcr.io/v2/a/b'],
  ['https://user:pass@ghcr.io/v2/', 'https://ghcr.io/v2/'],
  ['https://user:p@ss@ghcr.io/v2/', 'https://ghcr.io/v2/'],
  ['https://ghcr.io/a@b/c', 'https://ghcr.io/a@b/c'],
  ['https://r/u/1?_state=secret&digest=sha256:ab', 'https://r/u/1?_state=…&digest=sha256:ab'],
  ['https://s3/x?X-Amz-Signature=abc&flag', 'https://s3/x?X-Amz-Signature=…&flag'],
  [
    'https://auth/token?service=r&scope=repository:a:pull',
    'https://auth/token?service=r&scope=repository:a:pull',
  ],
  ['https://r/x?a=1#access_token=t', 'https://r/x?a=…'],
  ['/v2/x?_state=secret', '/v2/x?_state=…'],
  ['not a\n\u001b[31m url?k=v', 'not a[31m url?k=…'],
  ['', ''],
] as const) {
  test(`${JSON.stringify(url)} is shown as ${JSON.stringify(expected)}`, () => {
    assert.equal(redactUrl(url), expected)
  })
}

test('a hostile address of a megabyte is redacted in linear time', { timeout: 5000 }, () => {
  const text = `https://${'@'.repeat(500_000)}/?${'a=&'.repeat(150_000)}\n`
  assert.ok(redactUrl(text).startsWith('https:///?a=…&'))
})
