/**
 * Reads tar streams of others: layers of base images, archives that ADD unpacks. The input is not trusted.
 * Blocks and long names are tar-stream's; the header fields it does not check and the PAX values whose bytes it does
 * not keep are read here.
 */
import type { Extract } from 'tar-stream'
import { Failure, type Waiting } from '../base/index.ts'
import type { Entry } from './entry.ts'
import { memberEntry, type TarMember } from './tar-member.ts'
import { watchEnd, type TarEnd } from './tar-end.ts'
import { parseRecords } from './tar-records.ts'

/** An entry as an archive has it. Names that mean whiteouts are left as they are. */
export interface TarEntry extends Omit<Entry, 'source'> {
  /** The bytes of a file, to be read before the next entry is asked for, or not at all, or in part. */
  readonly content: AsyncIterable<Uint8Array>
}

export interface TarOptions extends Waiting {
  /** what is read, for messages; default `the archive` */
  readonly description?: string | undefined
  /** keeps names with ".." inside, as if what is unpacked were the root: `../x` is `x`; default: they are refused */
  readonly keepsInside?: boolean | undefined
}

/**
 * The entries of an uncompressed tar stream in their order. Paths and hard link targets are made canonical: a leading
 * "/" or "./" is taken off. Reads v7, ustar, PAX and GNU headers. Leaving the loop early ends the source stream; errors
 * of the source stream come through as they are.
 * @throws Failure ARCHIVE_INVALID for what is no tar, ends too early, has a ".." in a name or is sparse
 */
export async function* readTar(
  stream: AsyncIterable<Uint8Array>,
  options: TarOptions = {},
): AsyncGenerator<TarEntry, void, undefined> {
  const { description = 'the archive', signal, keepsInside = false } = options
  // Loaded with the first tar that is read: most runs read none.
  const { extract } = await import('tar-stream')
  const extractor = extract(extractOptions)
  const records = tapRecords(extractor)
  const end = watchEnd(extractor)
  const source = feed(stream, extractor, { end, signal })
  const explain = (error: unknown): unknown => {
    const inputError = source.error()
    if (inputError) return inputError.reason
    if (error instanceof Failure) return error
    const reason = end.problem() ?? (error instanceof Error ? error.message : String(error))
    return new Failure('ARCHIVE_INVALID', `${description} is not a well-formed tar: ${reason}`, {
      cause: error,
    })
  }
  const members = extractor[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await settle(members.next(), explain)
      if (next.done) return
      const member = next.value as unknown as TarMember
      const chunks = member[Symbol.asyncIterator]()
      const entry = entryOf(member, records.take(), { explain, keepsInside })
      yield { ...entry, content: contentOf(chunks, explain) }
      // Leaving tar-stream's own loop over a member would end the whole extraction.
      while (!(await settle(chunks.next(), explain)).done);
    }
  } finally {
    extractor.destroy()
    // A source that does not listen to the signal may be silent for ever.
    if (!signal?.aborted) await source.done
  }
}

// An `object` because tar-stream's types know neither. latin1 keeps every byte of a name; v7 archives have no magic.
const extractOptions: object = { filenameEncoding: 'latin1', allowUnknownFormat: true }

async function* contentOf(
  chunks: AsyncIterator<Uint8Array>,
  explain: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (;;) {
    const next = await settle(chunks.next(), explain)
    if (next.done) return
    yield next.value
  }
}

async function settle<T>(promise: Promise<T>, explain: (error: unknown) => unknown): Promise<T> {
  try {
    return await promise
  } catch (error) {
    throw explain(error)
  }
}

function entryOf(
  member: TarMember,
  records: ReadonlyMap<string, Buffer>,
  options: { readonly explain: (error: unknown) => unknown; readonly keepsInside: boolean },
): Omit<TarEntry, 'content'> {
  try {
    return memberEntry(member.header, records, options.keepsInside)
  } catch (error) {
    throw options.explain(error)
  }
}

interface Feeding {
  /** the source stream is ended; never rejects */
  readonly done: Promise<void>
  /** why the source stream failed, if it did */
  error(): { readonly reason: unknown } | undefined
}

/** Writes the stream into the extractor as fast as entries are taken from it. */
function feed(
  stream: AsyncIterable<Uint8Array>,
  extractor: Extract,
  { end, signal }: Waiting & { readonly end: TarEnd },
): Feeding {
  let failed: { readonly reason: unknown } | undefined
  const closed = event(extractor, 'close')
  const fail = (reason: unknown): void => {
    failed ??= { reason }
    extractor.destroy(reason instanceof Error ? reason : new Error(String(reason)))
  }
  const abort = (): void => fail(signal?.reason)
  const write = async (): Promise<void> => {
    try {
      signal?.throwIfAborted()
      for await (const chunk of stream) {
        if (extractor.destroyed) return
        if (end.isOver()) continue
        if (!extractor.write(chunk)) await Promise.race([event(extractor, 'drain'), closed])
        if (extractor.destroyed) return
      }
      extractor.end(null)
    } catch (error) {
      fail(error)
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }
  signal?.addEventListener('abort', abort)
  return { done: write(), error: () => failed }
}

async function event(extractor: Extract, name: 'close' | 'drain'): Promise<void> {
  await new Promise<void>((resolve) => extractor.once(name, () => resolve()))
}

interface LongHeaderHook {
  _header: { readonly type: string }
  _decodeLongHeader(bytes: Buffer): void
}

/**
 * Takes the bytes of PAX headers before tar-stream decodes them as UTF-8, which would turn every other byte into U+FFFD.
 * It has no public way to them.
 */
function tapRecords(extractor: Extract): { take(): ReadonlyMap<string, Buffer> } {
  let records = new Map<string, Buffer>()
  const hook = extractor as unknown as LongHeaderHook
  const decode = hook._decodeLongHeader.bind(extractor)
  hook._decodeLongHeader = (bytes) => {
    if (hook._header.type === 'pax-header') records = parseRecords(Buffer.from(bytes))
    if (hook._header.type === 'pax-global-header') {
      for (const key of ['path', 'linkpath', 'size'])
        if (parseRecords(Buffer.from(bytes)).has(key)) throw new Error(`it sets one "${key}" for all entries`)
    }
    decode(bytes)
  }
  return {
    take: () => {
      const taken = records
      records = new Map()
      return taken
    },
  }
}
