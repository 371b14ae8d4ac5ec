import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { AccessLogEntry } from '../proxy/data-plane.ts'
import { formatAccess, newAccessLog } from './access-log.ts'

const entry: AccessLogEntry = {
  start: Date.UTC(2026, 10, 25, 18),
  durationMs: 3.14159,
  listener: '127.0.0.1:80/tcp',
  client: '10.0.0.9:4000',
  protocol: 'HTTP/1.1',
  method: 'GET',
  host: 'a.b',
  path: '/x',
  status: 200,
  flags: '-',
  bytesReceived: 0,
  bytesSent: 12,
  attempts: 1,
}

test('a line of text has Envoy’s order, and nothing a client sends breaks it', () => {
  assert.equal(
    formatAccess(entry, 'text'),
    '[2026-11-25T18:00:00.000Z] "GET /x HTTP/1.1" 200 - 0 12 3.1ms 10.0.0.9:4000 "-" "-" "a.b" "-" "-"',
  )
  const hostile = { ...entry, userAgent: 'a"\n[2026] \\ \u001b[2J', route: 'r', endpoint: 'e:1', attempts: 3 }
  assert.match(
    formatAccess(hostile, 'text'),
    / "a\\"\\x0a\[2026\] \\\\ \\x1b\[2J" "-" "a\.b" "e:1" "r" attempts=3$/,
  )
})

test('a line of JSON has every field', () => {
  const { start: _, ...fields } = entry
  assert.deepEqual(JSON.parse(formatAccess(entry, 'json')), { time: '2026-11-25T18:00:00.000Z', ...fields })
})

test('lines are written together; those that a slow reader would pile up are given up and counted', async () => {
  const written: string[] = []
  const losses: number[] = []
  let isFull = false
  const log = newAccessLog('text', {
    write: (text) => written.push(text),
    isFull: () => isFull,
    onLoss: (lines) => losses.push(lines),
  })
  for (let count = 0; count < 3; count++) log.log(entry)
  await turn()
  assert.deepEqual(
    written.map((text) => text.split('\n').length),
    [4],
  )
  isFull = true
  for (let count = 0; count < 1200; count++) log.log(entry)
  log.flush()
  assert.equal(written.length, 1)
  assert.deepEqual(losses, [500])
})
