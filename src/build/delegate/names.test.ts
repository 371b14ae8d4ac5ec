import assert from 'node:assert/strict'
import { test } from 'node:test'
import { familiarName, isLoopback } from './names.ts'

test('names have the form BuildKit looks contexts up by', () => {
  const cases = {
    debian: 'debian',
    'debian:latest': 'debian',
    'docker.io/library/debian:12': 'debian:12',
    'docker.io/me/tool': 'me/tool',
    'localhost/demo/base:dev': 'localhost/demo/base:dev',
    '127.0.0.1:5000/x': '127.0.0.1:5000/x',
    'Not A Name': 'Not A Name',
  }
  for (const [name, expected] of Object.entries(cases)) assert.equal(familiarName(name), expected)
})

test('loopback is what is on this machine', () => {
  for (const name of ['localhost/x', 'localhost:5000/x', '127.0.0.1:1/x', '[::1]:5/x'])
    assert.ok(isLoopback(name))
  for (const name of ['localhost', 'localhost.test/x', 'docker.io/127.0.0.1/x', '128.0.0.1/x'])
    assert.ok(!isLoopback(name))
})
