/**
 * The part of the Docker Engine API that images are loaded with (https://docs.docker.com/reference/api/engine/), as
 * Docker and podman serve it. Paths have no version: a daemon then answers with its newest.
 */
import { countRequest, Failure, systemCode, type Tally, type Waiting } from '../../../base/index.ts'
import { joinChunks, openHttpClient, type HttpBody, type HttpResponse } from '../../../http/index.ts'
import type { Digest, Platform, Reference } from '../../../oci/index.ts'
import { connectionsTo, describeEndpoint, type Endpoint } from './endpoint.ts'

export interface EngineVersion {
  /** such as `1.48` */
  readonly ApiVersion?: string
  readonly Components?: readonly { readonly Name: string; readonly Version?: string }[]
}

export interface EngineInfo {
  readonly OSType: string
  /** as `uname -m` says it */
  readonly Architecture: string
  readonly DriverStatus?: readonly (readonly [string, string])[] | null
}

export interface EngineImageSummary {
  readonly Id: string
  readonly RepoTags?: readonly string[] | null
  /** seconds since the epoch */
  readonly Created: number
}

export interface EngineImage {
  readonly Id: string
  readonly RepoTags?: readonly string[] | null
  readonly RootFS?: { readonly Layers?: readonly Digest[] | null }
  /** of daemons with containerd's store, from API 1.48 on */
  readonly Manifests?: readonly EngineManifest[] | null
}

export interface EngineManifest {
  readonly ID: string
  readonly Available: boolean
  /** `image`, `attestation` or `unknown` */
  readonly Kind?: string
  readonly ImageData?: { readonly Platform?: Platform } | null
}

export interface EngineClient {
  readonly version: () => Promise<EngineVersion>
  readonly info: () => Promise<EngineInfo>
  readonly images: () => Promise<readonly EngineImageSummary[]>
  /** an image by its id or name, or nothing */
  readonly inspect: (name: string) => Promise<EngineImage | undefined>
  /**
   * Takes an archive and returns what the daemon says of it, line by line. Once it is sent an abort waits for the daemon,
   * a minute at most: it goes on by itself, and what it makes can be removed only when it is through.
   */
  readonly load: (archive: HttpBody) => Promise<readonly string[]>
  /** an image, or one platform of it, as `docker save` writes it; nothing when the daemon has none of that name or id */
  readonly save: (name: string, platform?: Platform) => Promise<AsyncIterable<Uint8Array> | undefined>
  readonly tag: (id: Digest, reference: Reference) => Promise<void>
  /** does not heed the signal: it is what is done after an abort */
  readonly remove: (id: Digest) => Promise<void>
  readonly close: () => void
}

export interface EngineOptions extends Waiting {
  /** such as `docker`, for messages */
  readonly name: string
  /** what starts the daemon, or says where it is */
  readonly startHint: string
  readonly tally: Tally
}

/** A daemon unpacks layers before it answers. */
const patienceMs = 1_800_000
const removalMs = 60_000

/** @throws Failure STORE_UNREACHABLE | STORE_REFUSED | NO_SPACE from all of its functions */
export function openEngine(endpoint: Endpoint, options: EngineOptions): EngineClient {
  const { name, tally, signal } = options
  const { connect, complaint } = connectionsTo(endpoint)
  const client = openHttpClient({
    connect,
    sockets: 4,
    answerTimeoutMs: patienceMs,
    idleTimeoutMs: patienceMs,
  })

  const send = async (
    purpose: string,
    [method, path]: readonly [string, string],
    { body, waitFor = signal }: { body?: HttpBody; waitFor?: AbortSignal | undefined } = {},
  ): Promise<HttpResponse> => {
    try {
      return await client.send({
        method,
        url: `http://${name}${path}`,
        signal: waitFor,
        body,
        ...(body && { headers: { 'content-type': 'application/x-tar' } }),
        onRequest: () => countRequest(tally, purpose),
        onBytes: (count) => (tally.bytesSent += count),
      })
    } catch (error) {
      throw connectionFailure(error, endpoint, complaint(), options)
    }
  }
  const text = async ({ body }: HttpResponse): Promise<string> => {
    const chunks: Uint8Array[] = []
    for await (const chunk of body) chunks.push(chunk)
    return Buffer.from(joinChunks(chunks)).toString('utf8')
  }
  const request = async (
    purpose: string,
    path: string,
    { method = 'GET', waitFor = signal }: { method?: string; waitFor?: AbortSignal | undefined } = {},
  ): Promise<string | undefined> => {
    const response = await send(purpose, [method, path], { waitFor })
    const answer = await text(response)
    if (response.status === 404) return undefined
    if (response.status < 300) return answer
    throw refusal(messageIn(answer) ?? `status ${response.status}`, purpose, options)
  }
  const json = async <T>(purpose: string, path: string): Promise<T> => {
    const answer = await request(purpose, path)
    try {
      return JSON.parse(answer ?? '') as T
    } catch (cause) {
      const at = describeEndpoint(endpoint)
      throw new Failure('STORE_REFUSED', `what listens on ${at} is no container engine`, { cause })
    }
  }
  return {
    version: () => json('version', '/version'),
    info: () => json('info', '/info'),
    images: () => json('list', '/images/json'),
    async inspect(image) {
      const answer = await request('inspect', `/images/${image}/json?manifests=1`)
      return answer === undefined ? undefined : (JSON.parse(answer) as EngineImage)
    },
    async load(archive) {
      using patient = untilSent(archive, signal)
      const response = await send('load', ['POST', '/images/load?quiet=1'], patient)
      const answer = await text(response)
      signal?.throwIfAborted()
      if (response.status >= 300)
        throw refusal(messageIn(answer) ?? `status ${response.status}`, 'load', options)
      return streamLines(answer, (message) => refusal(message, 'load', options))
    },
    async save(image, platform) {
      const query = platform
        ? `?${new URLSearchParams({ platform: JSON.stringify(platform) }).toString()}`
        : ''
      const response = await send('save', ['GET', `/images/${image}/get${query}`])
      if (response.status < 300) return response.body
      const answer = await text(response)
      if (response.status === 404 || /no such image|reference does not exist/i.test(answer)) return undefined
      throw refusal(messageIn(answer) ?? `status ${response.status}`, 'save', options)
    },
    async tag(id, { registry, repository, tag }) {
      const query = new URLSearchParams({ repo: `${registry}/${repository}`, tag: tag ?? 'latest' })
      const answer = await request('tag', `/images/${id}/tag?${query.toString()}`, { method: 'POST' })
      if (answer === undefined) throw refusal(`it has no image ${id}`, 'tag', options)
    },
    async remove(id) {
      const waitFor = AbortSignal.timeout(removalMs)
      await request('remove', `/images/${id}`, { method: 'DELETE', waitFor })
    },
    close: client.close,
  }
}

/** The body, and a signal that heeds the given one at once only as long as the body is not sent. */
function untilSent(
  { size, open }: HttpBody,
  signal: AbortSignal | undefined,
): { readonly body: HttpBody; readonly waitFor: AbortSignal } & Disposable {
  const controller = new AbortController()
  let isSent = false
  let timer: NodeJS.Timeout | undefined
  const end = () => controller.abort(signal?.reason)
  const onAbort = (): void => {
    if (isSent) timer = setTimeout(end, removalMs)
    else end()
  }
  if (signal?.aborted) end()
  signal?.addEventListener('abort', onAbort, { once: true })
  return {
    waitFor: controller.signal,
    body: {
      size,
      async *open(options) {
        yield* open(options)
        isSent = true
      },
    },
    [Symbol.dispose]() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    },
  }
}

/** The lines a daemon tells while it loads: JSON objects with `stream`, or `error` for what went wrong. */
function streamLines(answer: string, failure: (message: string) => Failure): string[] {
  const lines: string[] = []
  for (const line of answer.split('\n').filter((part) => part.trim() !== '')) {
    let event: { stream?: string; error?: string }
    try {
      event = JSON.parse(line) as typeof event
    } catch {
      event = { stream: line }
    }
    if (event.error !== undefined) throw failure(event.error)
    const said = event.stream?.trim() ?? ''
    // Told in passing, and yet the image cannot be run.
    if (said.startsWith('Error ')) throw failure(said)
    if (said !== '') lines.push(said)
  }
  return lines
}

function messageIn(answer: string): string | undefined {
  try {
    return (JSON.parse(answer) as { message?: string }).message
  } catch {
    return undefined
  }
}

function refusal(message: string, purpose: string, { name }: EngineOptions): Failure {
  if (/no space left on device/i.test(message)) {
    return new Failure('NO_SPACE', `${name} cannot ${purpose} the image: its disk is full`, {
      hint: `\`${name} system prune\` removes what is not in use`,
      cause: new Error(message),
    })
  }
  return new Failure('STORE_REFUSED', `${name} refused to ${purpose}: ${message.trim()}`)
}

function connectionFailure(
  error: unknown,
  endpoint: Endpoint,
  complaint: string,
  { name, startHint }: EngineOptions,
): unknown {
  const code = systemCode(error)
  if (code === undefined || error instanceof Failure) return error
  const at = describeEndpoint(endpoint)
  const fail = (why: string, hint: string) =>
    new Failure('STORE_UNREACHABLE', `${name} cannot be reached at ${at}: ${why}`, {
      hint,
      cause: error,
      output: complaint || undefined,
    })
  if (endpoint.kind === 'command') {
    const isMissing = code === 'ENOENT'
    return fail(isMissing ? `there is no command ${endpoint.program}` : 'the connection ended', startHint)
  }
  if (code === 'ENOENT') return fail('there is no such socket', startHint)
  if (code === 'ECONNREFUSED') return fail('nothing listens on it', startHint)
  if (code === 'EACCES' || code === 'EPERM')
    return fail(
      'permission denied',
      `join the group that owns it (\`usermod -aG ${name} USER\`), or run as root`,
    )
  return fail(`the connection broke (${code})`, `see what the log of ${name} says`)
}
