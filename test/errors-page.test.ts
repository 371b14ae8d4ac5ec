/** docs/errors.md has one heading per failure code, with its meaning, and none that does not exist. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { failureCodes } from '../src/base/index.ts'

test('docs/errors.md lists every failure code with its exit status and meaning', () => {
  const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')
  const documented = [...page.matchAll(/^## ([A-Z_]+)\n\n(.*?)$/gm)].map(([, code, text]) => [code, text])
  const expected = Object.entries(failureCodes).map(([code, { exit, meaning }]) => [
    code,
    `Exit ${exit}: ${meaning}.`,
  ])
  assert.ok(expected.length > 20)
  assert.deepEqual(documented, expected)
})
