import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { GarbageError, ResponseParser, type ParsedHead } from './response-parser.ts'

interface Read {
  readonly heads: ParsedHead[]
  body: string
  ends: number
  trailers: string[] | undefined
  isClosedWell: boolean
}

/** Reads pieces one after another; `close` says the backend closed at the end. */
function read(pieces: readonly string[], { method = 'GET', upgrade = false, close = false } = {}): Read {
  const result: Read = { heads: [], body: '', ends: 0, trailers: undefined, isClosedWell: false }
  const parser = new ResponseParser({
    onHead: (head) => result.heads.push(head),
    onData: (chunk) => (result.body += chunk.toString('latin1')),
    onEnd(trailers) {
      result.ends++
      result.trailers = trailers
    },
  })
  parser.expect(method, upgrade)
  for (const piece of pieces) parser.execute(Buffer.from(piece, 'latin1'))
  if (close) result.isClosedWell = parser.close()
  return result
}

const ok = 'HTTP/1.1 200 OK\r\n'

describe('answers that are read', () => {
  const cases: readonly [string, string, Parameters<typeof read>[1], string][] = [
    ['a counted body', `${ok}Content-Length: 5\r\n\r\nhello`, {}, 'hello'],
    ['an empty body', `${ok}content-length: 0\r\n\r\n`, {}, ''],
    [
      'chunks with extensions',
      `${ok}Transfer-Encoding: chunked\r\n\r\n5;x="y"\r\nhello\r\n1 \r\n!\r\n0\r\n\r\n`,
      {},
      'hello!',
    ],
    ['204 with a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', {}, ''],
    ['304 with a length', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', {}, ''],
    ['HEAD with a length', `${ok}Content-Length: 5\r\n\r\n`, { method: 'HEAD' }, ''],
    ['a body until the end', `${ok}\r\nhello`, { close: true }, 'hello'],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi', {}, 'hi'],
    ['no reason', 'HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi', {}, 'hi'],
    [
      'a tunnel',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nbytes',
      { upgrade: true, close: true },
      'bytes',
    ],
    [
      'early hints first',
      `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok}Content-Length: 2\r\n\r\nhi`,
      {},
      'hi',
    ],
  ]
  for (const [what, text, options, body] of cases) {
    test(what, () => {
      const whole = read([text], options)
      assert.equal(whole.body, body)
      assert.equal(whole.ends, 1)
      const bytewise = read(text.split(''), options)
      assert.deepEqual({ ...bytewise, heads: [] }, { ...whole, heads: [] })
      assert.deepEqual(bytewise.heads, whole.heads)
    })
  }

  test('trailers', () => {
    const { trailers } = read([`${ok}Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\nC: d\r\n\r\n`])
    assert.deepEqual(trailers, ['A', 'b', 'C', 'd'])
  })

  test('whether it is the last of its connection', () => {
    const isLast = (text: string) => read([text]).heads[0]?.isLast
    assert.equal(isLast(`${ok}Content-Length: 0\r\n\r\n`), false)
    assert.equal(isLast(`${ok}Content-Length: 0\r\nConnection: Close\r\n\r\n`), true)
    assert.equal(isLast(`${ok}\r\n`), true)
    assert.equal(isLast('HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n'), true)
    assert.equal(isLast('HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n'), false)
  })

  test('a body that is cut is no good end', () => {
    assert.equal(read([`${ok}Content-Length: 5\r\n\r\nhel`], { close: true }).isClosedWell, false)
    assert.equal(
      read([`${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`], { close: true }).isClosedWell,
      false,
    )
  })
})

describe('answers that are refused', () => {
  const cases: readonly [string, string][] = [
    ['no HTTP at all', 'SSH-2.0-OpenSSH_9\r\n'],
    ['HTTP/2', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['HTTP/0.9', '<html>'],
    ['a status of two digits', 'HTTP/1.1 99 X\r\n\r\n'],
    ['a status of words', 'HTTP/1.1 abc X\r\n\r\n'],
    ['Content-Length and Transfer-Encoding', `${ok}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`],
    ['several Content-Length', `${ok}Content-Length: 5\r\nContent-Length: 5\r\n\r\n`],
    ['a list of lengths', `${ok}Content-Length: 5, 5\r\n\r\n`],
    ['a signed length', `${ok}Content-Length: +5\r\n\r\n`],
    ['a huge length', `${ok}Content-Length: 99999999999999999999\r\n\r\n`],
    ['another coding', `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n`],
    ['chunked twice', `${ok}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`],
    ['chunked in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['a space before the colon', `${ok}Content-Length : 5\r\n\r\n`],
    ['a line that goes on', `${ok}X: a\r\n b\r\n\r\n`],
    ['a bare line feed', `${ok}X: a\nY: b\r\n\r\n`],
    ['a line feed at the end of a value', `${ok}X: a\n\r\n\r\n`],
    ['a bare carriage return', `${ok}X: a\rY: b\r\n\r\n`],
    ['NUL', `${ok}X: a\0b\r\n\r\n`],
    ['no colon', `${ok}nonsense\r\n\r\n`],
    ['no name', `${ok}: a\r\n\r\n`],
    ['a chunk size that is none', `${ok}Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n`],
    ['a negative chunk size', `${ok}Transfer-Encoding: chunked\r\n\r\n-5\r\n`],
    ['a chunk that is too long', `${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n`],
    ['a chunk size that ends in LF', `${ok}Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n`],
    ['a second answer', `${ok}Content-Length: 0\r\n\r\n${ok}Content-Length: 0\r\n\r\n`],
    ['bytes after a body', `${ok}Content-Length: 2\r\n\r\nhi!`],
    ['101 unasked', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
    ['a head without end', `${ok}X: ${'a'.repeat(70_000)}`],
  ]
  for (const [what, text] of cases) {
    test(what, () => {
      assert.throws(() => read([text]), GarbageError)
      assert.throws(() => read([...text.slice(0, 300).split(''), text.slice(300)]), GarbageError)
    })
  }
})
