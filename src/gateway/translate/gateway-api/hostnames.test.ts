import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareHostnames, covers, intersection, ownerOf, wildcardsOver } from './hostnames.ts'

test('a wildcard covers one or more labels, never the name itself', () => {
  assert.ok(covers('*.example.com', 'a.example.com'))
  assert.ok(covers('*.example.com', 'a.b.example.com'))
  assert.ok(covers('*.example.com', '*.b.example.com'))
  assert.ok(!covers('*.example.com', 'example.com'))
  assert.ok(!covers('*.example.com', 'aexample.com'))
  assert.ok(!covers('a.example.com', '*.example.com'))
  assert.ok(covers('*', '*.example.com'))
})

test('the intersection is the narrower one', () => {
  assert.equal(intersection('*.example.com', 'a.example.com'), 'a.example.com')
  assert.equal(intersection('a.example.com', '*'), 'a.example.com')
  assert.equal(intersection('*.a.com', '*.b.com'), undefined)
})

test('the most specific owner wins', () => {
  const owners = ['*', '*.example.com', '*.foo.example.com', 'abc.foo.example.com']
  assert.deepEqual(owners.toSorted(compareHostnames), owners.toReversed())
  assert.equal(ownerOf('abc.foo.example.com', owners), 'abc.foo.example.com')
  assert.equal(ownerOf('x.foo.example.com', owners), '*.foo.example.com')
  assert.equal(ownerOf('foo.example.com', owners), '*.example.com')
  assert.equal(ownerOf('other.org', owners), '*')
})

test('wildcards over a hostname, most specific first', () => {
  assert.deepEqual(wildcardsOver('a.b.com'), ['*.b.com', '*.com', '*'])
  assert.deepEqual(wildcardsOver('*.b.com'), ['*.com', '*'])
  assert.deepEqual(wildcardsOver('*'), [])
})
