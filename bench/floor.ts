/** What no builder can go below, measured on the same machine in the same run. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { Agent, request, type IncomingMessage } from 'node:http'
import type { Sample } from './sample.ts'
import { run } from './usage.ts'

/** An empty Node.js process. */
export async function nodeStart(): Promise<Sample> {
  return run(process.execPath, ['-e', '0'])
}

export interface Floor {
  /** `sha256sum` of the file, then one upload of its bytes from memory */
  readonly program: number
  /** the same with the SHA-256 of Node.js, which uses the instructions of the processor */
  readonly node: number
  /** the upload alone */
  readonly upload: number
}

/** Seconds. */
export async function floorOf(path: string, registry: string): Promise<Floor> {
  const { seconds } = await run('sha256sum', [path])
  const bytes = await readFile(path)
  const started = performance.now()
  const digest = createHash('sha256').update(bytes).digest('hex')
  const hashed = performance.now()
  await upload(bytes, digest, registry)
  const ended = performance.now()
  const uploadSeconds = (ended - hashed) / 1000
  return {
    program: seconds + uploadSeconds,
    node: (ended - started) / 1000,
    upload: uploadSeconds,
  }
}

/** Seconds of one HEAD for each tag, 16 at a time, by a process that does nothing else; its start not counted. */
export async function headsOf(host: string, names: readonly string[]): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const accept = 'application/vnd.oci.image.manifest.v1+json'
  const started = performance.now()
  await Promise.all(
    names.map(async (name) => {
      const url = `http://${host}/v2/${name.replace(/:([^:]*)$/, '/manifests/$1')}`
      const outgoing = request(url, { method: 'HEAD', agent, headers: { accept } }).end()
      const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
      response.resume()
      await once(response, 'end')
      if (response.statusCode !== 200) throw new Error(`HEAD ${url} answered ${response.statusCode}`)
    }),
  )
  agent.destroy()
  return (performance.now() - started) / 1000
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
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  response.resume()
  await once(response, 'end')
  return { status: response.statusCode ?? 0, location: response.headers.location ?? '' }
}
