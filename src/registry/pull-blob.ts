/** Blobs asked for and read (distribution-spec "Pulling blobs"). */
import { createHash, type Hash } from 'node:crypto'
import type { Waiting } from '../base/index.ts'
import { transportVerdict, type HttpResponse } from '../http/index.ts'
import { digestAlgorithm, digestHex, type Descriptor, type Digest, type Opener } from '../oci/index.ts'
import { explain } from './explain.ts'
import { nameBlob, nameDigest } from './names.ts'
import { RegistryFailure } from './registry-failure.ts'
import type { Scope } from './scope.ts'
import type { Wire } from './wire.ts'

export async function hasBlob(
  wire: Wire,
  repository: string,
  digest: Digest,
  options: Waiting & { readonly scopes?: readonly Scope[] } = {},
): Promise<boolean> {
  const { scopes = [{ repository, actions: ['pull'] }] } = options
  return wire.undertake(
    { what: `look for blob ${nameDigest(digest)} in ${wire.host}/${repository}`, repository, access: 'read' },
    (signal) =>
      wire.ask(
        {
          purpose: 'HEAD blob',
          method: 'HEAD',
          path: `/v2/${repository}/blobs/${digest}`,
          scopes,
          accept: [200, 404],
          signal,
        },
        (response) => response.status === 200,
      ),
    options,
  )
}

/**
 * The blob's bytes, from the registry with every pass. A connection that breaks is taken up again where it broke.
 * A pass over the whole blob ends in an error unless size and digest are right.
 */
export function openBlob(wire: Wire, repository: string, descriptor: Descriptor): Opener {
  const what = `read ${nameBlob(descriptor)} of ${wire.host}/${repository}`
  return async function* ({ start = 0, end = descriptor.size, signal } = {}) {
    if (end <= start && descriptor.size > 0) return
    const check = start === 0 && end === descriptor.size ? newCheck(what, descriptor) : undefined
    const range = { repository, descriptor, end, isWhole: check !== undefined }
    const resume = resumer(wire, what)
    let position = start
    let pass: Pass | undefined
    try {
      for (;;) {
        const next: IteratorResult<Uint8Array> | undefined = pass && (await resume(pass, position, signal))
        if (next?.done) break
        if (!next) {
          if (pass && position >= end) break
          pass = await wire.undertake(
            { what, repository, access: 'read' },
            (ownSignal) => request(wire, { ...range, start: position }, ownSignal),
            { signal },
          )
          continue
        }
        position += next.value.length
        check?.update(next.value)
        yield next.value
      }
      if (position < end) throw mismatch(what, `it has ${position} bytes, not ${descriptor.size}`)
      check?.finish()
    } finally {
      await pass?.return()
    }
  }
}

type Pass = AsyncGenerator<Uint8Array, void>

/** Breaks in a row, each within the bytes of `progressBytes` after the one before, that are mended. */
const mostBreaks = 4
const progressBytes = 1 << 20

/**
 * The next part, or nothing when the connection broke and another can take its place: at once after the first break,
 * then after a wait that doubles. A server that always breaks off uses up its breaks.
 */
function resumer(wire: Wire, what: string) {
  let breaks = 0
  let brokeAt = 0
  let waitedMs = 0
  return async (
    pass: Pass,
    position: number,
    signal: AbortSignal | undefined,
  ): Promise<IteratorResult<Uint8Array> | undefined> => {
    try {
      return (await pass.next()) as IteratorResult<Uint8Array>
    } catch (error) {
      const verdict = transportVerdict(error)
      if (!verdict) throw error
      if (position - brokeAt >= progressBytes) breaks = 0
      if (breaks === mostBreaks)
        throw explain(error, { what, host: wire.host, repository: '', access: 'read' }, breaks + 1)
      const delayMs = breaks === 0 ? 0 : 250 * 2 ** breaks
      breaks++
      brokeAt = position
      waitedMs += delayMs
      const { reason } = verdict
      wire.emit({
        kind: 'registry-retry',
        registry: wire.host,
        what,
        reason,
        attempt: breaks,
        delayMs,
        waitedMs,
      })
      if (delayMs > 0) await wire.clock.sleep(delayMs, { signal: wire.signalFor(signal) })
      return undefined
    }
  }
}

interface BlobRange {
  readonly repository: string
  readonly descriptor: Descriptor
  readonly start: number
  /** exclusive */
  readonly end: number
  /** whether the pass is over all bytes, of which this may be the rest */
  readonly isWhole: boolean
}

/** Resolves once the first byte is there, so that a server that answers without ever sending any uses up its attempts. */
async function request(wire: Wire, range: BlobRange, signal: AbortSignal | undefined): Promise<Pass> {
  const { repository, descriptor, start, end, isWhole } = range
  const response = await wire.open({
    purpose: 'GET blob',
    method: 'GET',
    path: `/v2/${repository}/blobs/${descriptor.digest}`,
    scopes: [{ repository, actions: ['pull'] }],
    headers: isWhole && start === 0 ? {} : { range: `bytes=${start}-${end - 1}` },
    accept: [200, 206],
    signal,
  })
  const rest = bytesFrom(response, range)
  const first = await rest.next()
  return (async function* () {
    try {
      if (first.done) return
      yield first.value
      yield* rest
    } finally {
      response.discard()
    }
  })()
}

/** The bytes from `start` to `end` of an answer, whether the server honoured the range or sent everything. */
async function* bytesFrom(response: HttpResponse, { start, end, isWhole }: BlobRange): Pass {
  let position = response.status === 206 ? rangeStart(response, start) : 0
  // One byte too many is let through, so that a blob that is too long is found out.
  const stop = isWhole ? end + 1 : end
  try {
    for await (const chunk of response.body) {
      const part = chunk.subarray(Math.max(0, start - position), Math.max(0, stop - position))
      position += chunk.length
      if (part.length > 0) yield part
      if (position >= stop) return
    }
  } finally {
    response.discard()
  }
}

function rangeStart(response: HttpResponse, asked: number): number {
  const match = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')
  return match ? Number(match[1]) : asked
}

function newCheck(
  what: string,
  { digest, size }: Descriptor,
): { update: (chunk: Uint8Array) => void; finish: () => void } {
  const hash: Hash = createHash(digestAlgorithm(digest))
  let seen = 0
  return {
    update(chunk) {
      seen += chunk.length
      if (seen > size) throw mismatch(what, `it has more than ${size} bytes`)
      hash.update(chunk)
    },
    finish() {
      const hex = hash.digest('hex')
      if (hex !== digestHex(digest)) {
        throw mismatch(what, `its bytes have the digest ${digestAlgorithm(digest)}:${hex}, not ${digest}`)
      }
    },
  }
}

function mismatch(what: string, why: string): RegistryFailure {
  return new RegistryFailure('CONTENT_MISMATCH', `cannot ${what}: ${why}`, {
    hint: 'the registry or a proxy in front of it gives other bytes than were pushed; push the image there again',
  })
}
