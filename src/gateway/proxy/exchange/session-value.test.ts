import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { SessionPersistence } from '../../model/index.ts'
import { newSession, readSession, writeSession } from './session-value.ts'

const token = 'abcdefghijklmnopqrstuv'
const cookie = (rest: Partial<SessionPersistence> = {}): SessionPersistence => ({
  kind: 'cookie',
  name: 's',
  ...rest,
})
const valueOf = (persistence: SessionPersistence, now: number) =>
  /s=([^;]*)/.exec(writeSession(newSession(token, now), persistence, now)[1] ?? '')?.[1] ?? ''

describe('what a client keeps of its session', () => {
  test('is read as it was written', () => {
    assert.deepEqual(readSession(valueOf(cookie(), 1000), cookie(), 2000), { token, began: 1000, used: 1000 })
  })
  test('ends with its lifetime, and when it is idle', () => {
    const [lifetime, idle] = [cookie({ maxAgeSeconds: 60 }), cookie({ idleSeconds: 30 })]
    assert.ok(readSession(valueOf(lifetime, 0), lifetime, 60))
    assert.equal(readSession(valueOf(lifetime, 0), lifetime, 61), undefined)
    assert.ok(readSession(valueOf(idle, 0), idle, 30))
    assert.equal(readSession(valueOf(idle, 0), idle, 31), undefined)
  })
  test('is told with what is left of its life', () => {
    const session = { token, began: 100, used: 130 }
    assert.match(
      writeSession(session, cookie({ maxAgeSeconds: 60, path: '/a' }), 130)[1] ?? '',
      /; Path=\/a; Max-Age=30; HttpOnly/,
    )
    assert.match(
      writeSession(session, cookie({ maxAgeSeconds: 60, idleSeconds: 10 }), 130)[1] ?? '',
      /Max-Age=10;/,
    )
    assert.doesNotMatch(writeSession(session, cookie(), 130)[1] ?? '', /Max-Age/)
    assert.deepEqual(writeSession(session, { kind: 'header', name: 'X-S' }, 130), ['X-S', `${token}.2s.3m`])
  })
  for (const text of [
    '',
    token,
    `${token}.1`,
    `${token}.1.2.3`,
    `short.1.2`,
    `${token}.!.2`,
    '127.0.0.1:80',
  ]) {
    test(`"${text}" is none`, () => assert.equal(readSession(text, cookie(), 0), undefined))
  }
})
