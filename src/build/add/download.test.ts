import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { openHttpClient } from '../../http/index.ts'
import { download, type DownloadOptions } from './download.ts'
import { downloadName } from './download-name.ts'

const at = { file: 'Dockerfile', line: 2, column: 5 }

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

interface Server extends AsyncDisposable {
  readonly url: string
  readonly requests: IncomingMessage[]
}

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    answer(request, response)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

async function workplace() {
  const folder = await temporaryFolder()
  const client = openHttpClient()
  return {
    options: { client, cache: folder.path, at } satisfies DownloadOptions,
    contents: async () =>
      (await readdir(folder.join('downloads-1/sha256'))).filter((name) => !name.endsWith('.seal')),
    async [Symbol.asyncDispose]() {
      client.close()
      await folder.remove()
    },
  }
}

describe('downloadName', () => {
  for (const [url, name] of [
    ['http://h/a/b.tar?x=1#y', 'b.tar'],
    ['http://h/a/b/', 'b'],
    ['http://h/a%20b', 'a b'],
    ['http://h/%zz', '%zz'],
    ['http://h/', '__unnamed__'],
    ['http://h', '__unnamed__'],
  ] as const) {
    test(`${url} is ${name}`, () => assert.equal(downloadName(url), name))
  }
})

describe('download', () => {
  test('keeps content by its digest and asks with what the server said of it', async () => {
    await using place = await workplace()
    await using server = await serve((request, response) => {
      const isSame = request.headers['if-none-match'] === '"1"'
      response.writeHead(isSame ? 304 : 200, {
        etag: '"1"',
        'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT',
      })
      response.end(isSame ? undefined : 'hello')
    })
    const first = await download(`${server.url}/x`, place.options)
    assert.equal(first.digest, digestOf('hello'))
    assert.equal(first.size, 5)
    const { path } = first.source as { path: string }
    assert.equal(await readFile(path, 'utf8'), 'hello')
    assert.equal((await stat(path)).mode & 0o777, 0o600)
    assert.deepEqual(await download(`${server.url}/x`, place.options), first)
    assert.equal(server.requests.length, 2)
    assert.equal(server.requests[1]!.headers['if-modified-since'], 'Wed, 21 Oct 2015 07:28:00 GMT')
  })

  test('leaves content that another address brought as it is', async () => {
    await using place = await workplace()
    await using server = await serve((_, response) => response.end('same'))
    const first = await download(`${server.url}/a`, place.options)
    assert.deepEqual((await download(`${server.url}/b`, place.options)).source, first.source)
    assert.equal((await place.contents()).length, 1)
  })

  test('with a checksum takes kept content without a request', async () => {
    await using place = await workplace()
    await using server = await serve((_, response) => response.end('pinned'))
    const options = { ...place.options, checksum: digestOf('pinned') }
    const first = await download(`${server.url}/a`, options)
    assert.deepEqual(await download(`${server.url}/a`, options), first)
    assert.equal(server.requests.length, 1)
  })

  test('refuses content with another checksum, and keeps none of it', async () => {
    await using place = await workplace()
    await using server = await serve((_, response) => response.end('forged'))
    const checksum = digestOf('real')
    await assert.rejects(download(`${server.url}/a`, { ...place.options, checksum }), {
      code: 'CONTENT_MISMATCH',
      message: `${server.url}/a has the digest ${digestOf('forged')}, not ${checksum}`,
    })
    assert.deepEqual(await place.contents(), [])
  })

  test('follows redirects and sends user and password of the address to its own origin only', async () => {
    await using place = await workplace()
    await using other = await serve((_, response) => response.end('there'))
    await using server = await serve((_, response) =>
      response.writeHead(302, { location: `${other.url}/there` }).end(),
    )
    const url = server.url.replace('//', '//me:se%3Acret@')
    assert.equal((await download(url, place.options)).digest, digestOf('there'))
    assert.equal(
      server.requests[0]!.headers['authorization'],
      `Basic ${Buffer.from('me:se:cret').toString('base64')}`,
    )
    assert.equal(other.requests[0]!.headers['authorization'], undefined)
  })

  test('tries again when the server is busy or the answer breaks off', async () => {
    await using place = await workplace()
    let count = 0
    await using server = await serve((_, response) => {
      count++
      if (count === 1) response.writeHead(503, { 'retry-after': '0' }).end()
      else if (count === 2) {
        response.writeHead(200, { 'content-length': '100' })
        response.write('half', () => response.destroy())
      } else response.end('whole')
    })
    assert.equal((await download(server.url, place.options)).digest, digestOf('whole'))
  })

  test('takes off a compression of the transfer', async () => {
    await using place = await workplace()
    await using server = await serve((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('plain')),
    )
    assert.equal((await download(server.url, place.options)).digest, digestOf('plain'))
  })

  test('says what is wrong without showing a password', async () => {
    await using place = await workplace()
    await using server = await serve((_, response) => response.writeHead(404).end())
    await assert.rejects(download(`${server.url.replace('//', '//me:secret@')}/x?sig=abc`, place.options), {
      code: 'DOWNLOAD_FAILED',
      message: `cannot download ${server.url}/x?sig=…: the server answers 404`,
      at,
    })
    assert.deepEqual(await place.contents(), [])
  })

  test('offline, names the checksum with which the kept copy would do', async () => {
    await using place = await workplace()
    let url = ''
    {
      await using server = await serve((_, response) => response.writeHead(200, { etag: '"1"' }).end('kept'))
      url = server.url
      await download(url, place.options)
    }
    await assert.rejects(download(url, place.options), (error: Error & { hint?: string; code?: string }) => {
      assert.equal(error.code, 'DOWNLOAD_FAILED')
      assert.ok(error.hint?.includes(`--checksum=${digestOf('kept')}`))
      return true
    })
  })

  test('downloads again when the kept copy is gone', async () => {
    await using place = await workplace()
    await using server = await serve((_, response) => response.writeHead(200, { etag: '"1"' }).end('again'))
    const first = await download(server.url, place.options)
    await rm((first.source as { path: string }).path)
    assert.equal((await download(server.url, place.options)).digest, first.digest)
    assert.equal(server.requests[1]!.headers['if-none-match'], undefined)
  })

  test('ends with the reason of its signal', async () => {
    await using place = await workplace()
    const controller = new AbortController()
    await using server = await serve((_, response) => {
      response.writeHead(200)
      response.write('x', () => controller.abort(new Error('enough')))
    })
    await assert.rejects(download(server.url, { ...place.options, signal: controller.signal }), {
      message: 'enough',
    })
  })
})
