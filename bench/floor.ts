/** What no builder can go below, measured on the same machine in the same run. */
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { request } from 'node:http'

/** Median wall seconds of an empty Node.js process. */
export async function nodeStart(): Promise<number> {
  const times: number[] = []
  for (let round = 0; round < 9; round++) {
    const started = performance.now()
    await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit')
    times.push((performance.now() - started) / 1000)
  }
  return times.toSorted((a, b) => a - b)[4]!
}

/** Seconds of one SHA-256 over a file and one upload of its bytes from memory, one after the other. */
export async function floorOf(path: string, registry: string): Promise<number> {
  const bytes = await readFile(path)
  const started = performance.now()
  const digest = createHash('sha256').update(bytes).digest('hex')
  await upload(bytes, digest, registry)
  return (performance.now() - started) / 1000
}

/** Writes random bytes into the middle of a program, which keeps its size. */
export async function changeOneByte(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    const { size } = await file.stat()
    await file.write(randomBytes(8), 0, 8, Math.floor(size / 2))
  } finally {
    await file.close()
  }
}

async function upload(bytes: Buffer, digest: string, registry: string): Promise<void> {
  const session = await send('POST', `http://${registry}/v2/floor/blobs/uploads/`)
  const location = new URL(session.location, `http://${registry}`)
  location.searchParams.set('digest', `sha256:${digest}`)
  const { status } = await send('PUT', location.href, bytes)
  if (status !== 201) throw new Error(`the registry answered ${status} to a raw upload`)
}

async function send(
  method: string,
  url: string,
  body?: Buffer,
): Promise<{ status: number; location: string }> {
  const outgoing = request(url, { method, headers: { 'content-length': body?.length ?? 0 } })
  outgoing.end(body)
  const [response] = (await once(outgoing, 'response')) as [import('node:http').IncomingMessage]
  response.resume()
  await once(response, 'end')
  return { status: response.statusCode ?? 0, location: response.headers.location ?? '' }
}
