/** Compressions that ADD takes off an archive, told by the first bytes of the content and never by the file's name. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { pipeline } from 'node:stream/promises'
import { ReadableStream } from 'node:stream/web'
import { Failure, systemCode, type Waiting } from '../../base/index.ts'
import { decompress, type Compression } from '../../layer/index.ts'

export type ArchiveCompression = Compression | 'bzip2' | 'xz'

/** How many bytes of a file `detectCompression` wants to see. */
export const magicSize = 8

const magics: readonly (readonly [ArchiveCompression, readonly number[]])[] = [
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
]

/** What the first bytes of a file say; `none` for everything that is not known. */
export function detectCompression(start: Uint8Array): ArchiveCompression {
  const found = magics.find(([, magic]) => magic.every((byte, index) => start[index] === byte))
  if (found) return found[0]
  return isSkippableFrame(start) ? 'zstd' : 'none'
}

/** A zstd file may begin with a frame to skip: 0x184D2A50 to 0x184D2A5F (RFC 8878, 3.1.2). */
function isSkippableFrame(start: Uint8Array): boolean {
  return (
    start.length >= 8 && start[0]! >>> 4 === 5 && start[1] === 0x2a && start[2] === 0x4d && start[3] === 0x18
  )
}

export interface DecompressArchiveOptions extends Waiting {
  /** what is read, for messages */
  readonly description: string
}

/**
 * The bytes of a stream without its compression. Several compressed streams behind each other are one.
 * Leaving the loop early ends the source stream; its errors come through as they are.
 * @throws Failure ARCHIVE_INVALID when the bytes are damaged or end too early
 */
export async function* decompressArchive(
  stream: AsyncIterable<Uint8Array>,
  compression: ArchiveCompression,
  options: DecompressArchiveOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (compression === 'xz') yield* guarded(stream, 'xz', xzDecoder, options)
  else if (compression === 'bzip2') yield* guarded(stream, 'bzip2', bzip2Decoder, options)
  else yield* decompress(stream, compression, options)
}

type Decoder = (stream: AsyncIterable<Uint8Array>) => Promise<AsyncIterable<Uint8Array>>

const xzDecoder: Decoder = async (stream) => {
  const { XzReadableStream } = (await import('xz-decompress')).default
  return new XzReadableStream(ReadableStream.from(stream)) as AsyncIterable<Uint8Array>
}

/** The program `bzip2`: libraries for Node.js decode whole files at once, which a small file can make endless. */
const bzip2Decoder: Decoder = async (stream) => {
  const program = spawn('bzip2', ['-dc'], { stdio: 'pipe' })
  return programOutput(program, stream)
}

async function* programOutput(
  program: ChildProcessWithoutNullStreams,
  stream: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let said = ''
  program.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const ended = new Promise<void>((resolve, reject) => {
    program.once('error', (error) => reject(systemCode(error) === 'ENOENT' ? noBzip2(error) : error))
    program.once('close', (status) =>
      status === 0 ? resolve() : reject(new Error(said.trim().split('\n')[0] ?? `it ended with ${status}`)),
    )
  })
  ended.catch(() => {})
  const feeding = pipeline(stream, program.stdin)
  // When the program ends early its own status says why; an error of the source is kept by the caller.
  feeding.catch(() => program.kill())
  try {
    for await (const chunk of program.stdout) yield chunk as Uint8Array
    await ended
  } finally {
    program.kill()
    program.stdin.destroy()
    await feeding.catch(() => {})
  }
}

function noBzip2(cause: unknown): Failure {
  return new Failure('SOURCE_UNSUPPORTED', 'a bzip2 archive cannot be unpacked: there is no program bzip2', {
    hint: 'install bzip2, or compress the archive with gzip, zstd or xz',
    cause,
  })
}

/** Tells errors of the source from those of the decoder, and ends the source when the reader leaves. */
async function* guarded(
  stream: AsyncIterable<Uint8Array>,
  name: string,
  open: Decoder,
  { description, signal }: DecompressArchiveOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sourceError: { readonly reason: unknown } | undefined
  async function* watched(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const chunk of stream) {
        signal?.throwIfAborted()
        yield chunk
      }
    } catch (reason) {
      sourceError = { reason }
      throw reason
    }
  }
  try {
    for await (const chunk of await open(watched())) yield chunk
  } catch (error) {
    if (sourceError) throw sourceError.reason
    if (error instanceof Failure) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new Failure('ARCHIVE_INVALID', `${description} is not well-formed ${name}: ${reason}`, {
      cause: error,
    })
  }
}
