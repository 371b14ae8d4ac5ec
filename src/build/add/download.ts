/**
 * Files that ADD downloads, kept in the cache: `downloads-1/sha256/<digest>` holds content, complete or absent, and
 * `downloads-1/urls/<sha256 of the address>.json` what a server said of it, so that it can be asked whether it changed.
 */
import { createHash, randomBytes } from 'node:crypto'
import { createWriteStream, lstatSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Failure, fileFailure, type Place, type Waiting } from '../../base/index.ts'
import {
  parseRetryAfter,
  redactUrl,
  retry,
  statusVerdict,
  transportVerdict,
  type HttpClient,
  type HttpResponse,
  type Verdict,
} from '../../http/index.ts'
import { decompress, fingerprintOf, type FileSource } from '../../layer/index.ts'
import { cachePath, fileOpener, isSealed, sealFile, writeFileAtomically } from '../../store/index.ts'
import { percentDecoded } from './download-name.ts'

export interface DownloadOptions extends Waiting {
  readonly client: HttpClient
  /** cache folder */
  readonly cache: string
  /** `sha256:` and 64 hex digits that the content must have */
  readonly checksum?: string | undefined
  readonly at: Place
}

export interface Downloaded {
  readonly source: FileSource
  /** bytes */
  readonly size: number
  /** `sha256:…` */
  readonly digest: string
}

/** What a server said of a file. */
interface Known {
  readonly digest: string
  readonly etag?: string
  readonly lastModified?: string
}

/** @throws Failure DOWNLOAD_FAILED | CONTENT_MISMATCH | NO_SPACE | FILE_SYSTEM */
export async function download(url: string, options: DownloadOptions): Promise<Downloaded> {
  const { cache, checksum, at } = options
  const folder = cachePath(cache, 'downloads')
  const pinned = checksum === undefined ? undefined : await stored(folder, checksum)
  if (pinned) return pinned
  const record = join(folder, 'urls', `${createHash('sha256').update(url).digest('hex')}.json`)
  const known = checksum === undefined ? await readRecord(record, folder) : undefined
  try {
    const found = await fetchFile(url, known, folder, options)
    if ('isUnchanged' in found) return (await stored(folder, known!.digest))!
    if (checksum !== undefined && found.digest !== checksum) {
      await rm(found.temporary, { force: true })
      throw new Failure(
        'CONTENT_MISMATCH',
        `${redactUrl(url)} has the digest ${found.digest}, not ${checksum}`,
        { at, hint: 'check what is published there; if it is right, correct --checksum' },
      )
    }
    // Another address may have brought the same content, and layers refer to that very file.
    if (await stored(folder, found.digest)) await rm(found.temporary, { force: true })
    else {
      await rename(found.temporary, contentPath(folder, found.digest))
      await sealFile(contentPath(folder, found.digest))
    }
    // the cache only saves time: without the record the file is downloaded again
    await writeFileAtomically(record, JSON.stringify(found.known)).catch(() => undefined)
    return (await stored(folder, found.digest))!
  } catch (error) {
    throw explained(error, url, known, options)
  }
}

interface Fetched {
  readonly temporary: string
  readonly digest: string
  readonly known: Known
}

async function fetchFile(
  url: string,
  known: Known | undefined,
  folder: string,
  { client, signal }: DownloadOptions,
): Promise<Fetched | { readonly isUnchanged: true }> {
  const temporary = join(folder, 'sha256', `${randomBytes(6).toString('hex')}.tmp`)
  await mkdir(join(folder, 'sha256'), { recursive: true, mode: 0o700 })
  return retry(
    async () => {
      const response = await client.send({ method: 'GET', url, headers: requestHeaders(url, known), signal })
      try {
        if (response.status === 304 && known) return { isUnchanged: true as const }
        if (response.status !== 200) throw new StatusError(response)
        const digest = await save(response, temporary, signal)
        const { etag, 'last-modified': lastModified } = response.headers
        return {
          temporary,
          digest,
          known: { digest, ...(etag && { etag }), ...(lastModified && { lastModified }) },
        }
      } catch (error) {
        await rm(temporary, { force: true })
        throw error
      } finally {
        response.discard()
      }
    },
    { signal, judge },
  ).catch(async (error: unknown) => {
    await rm(temporary, { force: true })
    throw error
  })
}

async function save(response: HttpResponse, path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256')
  const announced = Number(response.headers['content-length'] ?? Number.NaN)
  async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
    let size = 0
    for await (const chunk of response.body) {
      size += chunk.length
      yield chunk
    }
    if (Number.isFinite(announced) && size !== announced)
      throw Object.assign(new Error('the answer ended too early'), { code: 'ECONNRESET' })
  }
  async function* hashed(): AsyncGenerator<Uint8Array, void, undefined> {
    const isGzip = response.headers['content-encoding'] === 'gzip'
    for await (const chunk of isGzip ? decompress(counted(), 'gzip', { signal }) : counted()) {
      hash.update(chunk)
      yield chunk
    }
  }
  await pipeline(
    Readable.from(hashed(), { objectMode: false }),
    createWriteStream(path, { flags: 'w', mode: 0o600 }),
    { ...(signal && { signal }) },
  )
  return `sha256:${hash.digest('hex')}`
}

class StatusError extends Error {
  readonly status: number
  readonly afterMs: number | undefined

  constructor({ status, headers }: HttpResponse) {
    super(`the server answers ${status}`)
    this.status = status
    this.afterMs = parseRetryAfter(headers['retry-after'], Date.now())
  }
}

function judge(error: unknown): Verdict | undefined {
  return error instanceof StatusError ? statusVerdict(error.status, error.afterMs) : transportVerdict(error)
}

function requestHeaders(url: string, known: Known | undefined): Record<string, string> {
  const { username, password } = new URL(url)
  const login = `${percentDecoded(username)}:${percentDecoded(password)}`
  return {
    accept: '*/*',
    'accept-encoding': 'identity',
    'user-agent': 'slipway',
    ...(username && { authorization: `Basic ${Buffer.from(login).toString('base64')}` }),
    ...(known?.etag && { 'if-none-match': known.etag }),
    ...(known?.lastModified && { 'if-modified-since': known.lastModified }),
  }
}

async function readRecord(path: string, folder: string): Promise<Known | undefined> {
  try {
    const known = JSON.parse(await readFile(path, 'utf8')) as Known
    return (await stored(folder, known.digest)) && (known.etag ?? known.lastModified) ? known : undefined
  } catch {
    // missing, cut or foreign: the file is downloaded again
    return undefined
  }
}

function contentPath(folder: string, digest: string): string {
  return join(folder, 'sha256', digest.slice('sha256:'.length))
}

/** A download that is kept; one that is not as it was sealed is hashed, and removed if it is another. */
async function stored(folder: string, digest: string): Promise<Downloaded | undefined> {
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) return undefined
  const path = contentPath(folder, digest)
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  if (!stats?.isFile()) return undefined
  if (!isSealed(path, stats)) {
    const hash = createHash('sha256')
    for await (const chunk of fileOpener(path)()) hash.update(chunk)
    if (`sha256:${hash.digest('hex')}` !== digest) {
      await rm(path, { force: true })
      return undefined
    }
    await sealFile(path)
  }
  return {
    source: { kind: 'file', path, fingerprint: fingerprintOf(stats) },
    size: Number(stats.size),
    digest,
  }
}

function explained(
  error: unknown,
  url: string,
  known: Known | undefined,
  { signal, at, cache }: DownloadOptions,
): unknown {
  if (signal?.aborted || error instanceof Failure) return error
  const isLocal = fileFailure('keep a download in', cache, error)
  const code = error instanceof Error ? (error as { syscall?: unknown }).syscall : undefined
  if (
    isLocal instanceof Failure &&
    (code === 'open' || code === 'write' || code === 'rename' || code === 'mkdir')
  )
    return isLocal
  const reason = error instanceof Error ? error.message : String(error)
  const pin = known && `an earlier copy is kept: with --checksum=${known.digest} it needs no network`
  return new Failure('DOWNLOAD_FAILED', `cannot download ${redactUrl(url)}: ${reason}`, {
    at,
    hint: pin ?? 'check the address and the network',
    cause: error,
  })
}
