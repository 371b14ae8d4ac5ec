import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Failure, newTally } from '../../../base/index.ts'
import { parseReference, sha256 } from '../../../oci/index.ts'
import type { Endpoint } from './endpoint.ts'
import { openEngine, type EngineClient } from './engine-client.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway-engine-'))
const path = join(folder, 'engine.sock')
const socket: Endpoint = { kind: 'socket', path }
const id = sha256('image')
const archive = {
  size: 4,
  async *open() {
    yield Buffer.from('data')
  },
}
/** what the daemon answers next, whatever is asked */
let answer: (response: ServerResponse) => void = (response) => response.end('{}')
let asked: string[] = []
let server: Server
before(
  () =>
    new Promise<void>((resolve) => {
      server = createServer((request, response) => {
        asked.push(`${request.method} ${request.url}`)
        request.resume().once('end', () => answer(response))
      }).listen(path, resolve)
    }),
)
after(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

async function use<T>(endpoint: Endpoint, work: (engine: EngineClient) => Promise<T>): Promise<T> {
  const engine = openEngine(endpoint, { name: 'docker', startHint: 'start it', tally: newTally() })
  try {
    return await work(engine)
  } finally {
    engine.close()
  }
}
const failing = (endpoint: Endpoint) =>
  use(endpoint, (engine) => engine.info()).then(
    () => assert.fail('it did not fail'),
    (error: unknown) => {
      assert.ok(error instanceof Failure, String(error))
      return error
    },
  )

describe('a daemon that cannot be reached', () => {
  test('has no socket', async () => {
    const { code, message, hint } = await failing({ kind: 'socket', path: '/nowhere/docker.sock' })
    assert.deepEqual(
      [code, message, hint],
      [
        'STORE_UNREACHABLE',
        'docker cannot be reached at /nowhere/docker.sock: there is no such socket',
        'start it',
      ],
    )
  })
  test('does not listen', async () => {
    writeFileSync(join(folder, 'left.sock'), '')
    const { message } = await failing({ kind: 'socket', path: join(folder, 'left.sock') })
    assert.match(message, /nothing listens on it/)
  })
  const noRoot = process.getuid!() === 0 ? false : 'only root can become somebody else'
  test('is not ours to use', { skip: noRoot }, async () => {
    chmodSync(folder, 0o755)
    chmodSync(path, 0o600)
    process.seteuid!(65534)
    try {
      const { code, message, hint } = await failing(socket)
      assert.deepEqual([code, message.split(': ')[1]], ['STORE_UNREACHABLE', 'permission denied'])
      assert.match(hint ?? '', /usermod -aG docker/)
    } finally {
      process.seteuid!(0)
    }
  })
  test('has no command that leads to it', async () => {
    const { message } = await failing({ kind: 'command', program: 'no-such-docker', args: ['dial'] })
    assert.match(message, /at no-such-docker dial: there is no command no-such-docker/)
  })
  test('is told by what the command to it complains about', async () => {
    const args = ['-c', 'echo "no route to far" >&2; exit 255']
    const { message, output } = await failing({ kind: 'command', program: 'sh', args })
    assert.match(message, /the connection ended/)
    assert.equal(output, 'no route to far')
  })
})

test('a command can be the connection', async () => {
  const script = `const s = require('net').connect(${JSON.stringify(path)}); process.stdin.pipe(s).pipe(process.stdout)`
  answer = (response) => response.end('{"OSType":"linux"}')
  const endpoint: Endpoint = { kind: 'command', program: process.execPath, args: ['-e', script] }
  const [first, second] = await use(endpoint, async (engine) => [await engine.info(), await engine.info()])
  assert.deepEqual([first.OSType, second.OSType], ['linux', 'linux'])
})

describe('a daemon', () => {
  const lines =
    (...events: object[]) =>
    (response: ServerResponse) =>
      void response.end(events.map((event) => `${JSON.stringify(event)}\r\n`).join(''))
  test('that refuses an archive in the middle of its answer has failed', async () => {
    answer = lines(
      { stream: 'Loading' },
      { error: 'invalid diffID', errorDetail: { message: 'invalid diffID' } },
    )
    await assert.rejects(
      use(socket, (engine) => engine.load(archive)),
      {
        code: 'STORE_REFUSED',
        message: 'docker refused to load: invalid diffID',
      },
    )
  })
  test('that cannot unpack what it took has failed', async () => {
    answer = lines({ stream: 'Error unpacking image web: no such layer\n' })
    await assert.rejects(
      use(socket, (engine) => engine.load(archive)),
      { code: 'STORE_REFUSED' },
    )
  })
  test('whose disk is full is told as such', async () => {
    answer = lines({ error: 'write /var/lib/docker/x: no space left on device' })
    await assert.rejects(
      use(socket, (engine) => engine.load(archive)),
      {
        code: 'NO_SPACE',
        message: 'docker cannot load the image: its disk is full',
      },
    )
  })
  test('counts what is sent to it', async () => {
    answer = lines({ stream: 'Loaded image ID: x\n' })
    const tally = newTally()
    const engine = openEngine(socket, { name: 'docker', startHint: '', tally })
    assert.deepEqual(await engine.load(archive), ['Loaded image ID: x'])
    engine.close()
    assert.deepEqual([tally.bytesSent, tally.requests], [4, { load: 1 }])
  })
  test('that has the whole archive is waited for after an abort', async () => {
    const controller = new AbortController()
    let isThrough = false
    answer = (response) => {
      controller.abort()
      setTimeout(() => {
        isThrough = true
        response.end('{}')
      }, 50)
    }
    const { signal } = controller
    const engine = openEngine(socket, { name: 'docker', startHint: '', tally: newTally(), signal })
    await assert.rejects(engine.load(archive), { name: 'AbortError' })
    engine.close()
    assert.equal(isThrough, true)
  })
  test('that knows no image says nothing of it', async () => {
    answer = (response) => void response.writeHead(404).end('{"message":"No such image"}')
    assert.equal(await use(socket, (engine) => engine.inspect(id)), undefined)
    await assert.rejects(
      use(socket, (engine) => engine.tag(id, parseReference('web:1'))),
      /docker refused to tag: it has no image/,
    )
  })
  test('is asked to tag with repository and tag', async () => {
    asked = []
    answer = (response) => void response.writeHead(201).end()
    await use(socket, (engine) => engine.tag(id, parseReference('127.0.0.1:5000/a/web:1.0')))
    assert.deepEqual(asked, [`POST /images/${id}/tag?repo=127.0.0.1%3A5000%2Fa%2Fweb&tag=1.0`])
  })
  test('is no daemon when it does not speak JSON', async () => {
    answer = (response) => void response.end('<html>')
    const failure = await failing(socket)
    assert.deepEqual(
      [failure.code, failure.message],
      ['STORE_REFUSED', `what listens on ${path} is no container engine`],
    )
  })
})
