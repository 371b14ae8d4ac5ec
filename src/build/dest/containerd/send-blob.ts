/** One blob into containerd's content store, unless it is there. */
import type { Tally, Waiting } from '../../../base/index.ts'
import type { Blob } from '../../../oci/index.ts'
import { isAlreadyExists, type ContainerdClient, type WriteStream } from './client.ts'
import { writeAction, type Labels, type WriteRequest, type WriteResponse } from './protocol.ts'

export interface SendOptions extends Waiting {
  readonly lease: string
  /** of the content, when it is new */
  readonly labels?: Labels
  readonly tally: Tally
  /** the daemon lacks the blob, its bytes are about to be sent */
  readonly onStart?: () => void
}

/**
 * `exists`: it was there; `mounted`: another namespace has it and shares it; `uploaded`: its bytes were sent.
 * In each case the lease keeps it from now on, so that what was there cannot be collected before a name refers to it.
 * The daemon checks size and digest.
 * @throws grpc.ServiceError as the daemon answered, or what the opener throws
 */
export async function sendBlob(
  client: ContainerdClient,
  blob: Blob,
  { lease, labels = {}, signal, tally, onStart }: SendOptions,
): Promise<'exists' | 'mounted' | 'uploaded'> {
  const { digest, size } = blob.descriptor
  signal?.throwIfAborted()
  const stream = client.write({ lease })
  const cancel = () => stream.cancel()
  signal?.addEventListener('abort', cancel)
  try {
    const talk = conversation(stream)
    const start = { ref: `slipway-${lease}-${digest}`, total: size, expected: digest }
    const { offset: present } = await talk.ask({ action: writeAction.stat, ...start })
    let offset = present
    if (present < size) {
      onStart?.()
      offset = 0
      for await (const data of blob.open({ signal })) {
        await talk.tell({ action: writeAction.write, offset, data })
        offset += data.length
        tally.bytesSent += data.length
      }
    }
    // Said once more, the digest would be looked up before our lease has it, should another run be the first.
    await talk.finish({ action: writeAction.commit, offset, labels })
    return present < size ? 'uploaded' : 'mounted'
  } catch (error) {
    stream.cancel()
    signal?.throwIfAborted()
    if (isAlreadyExists(error)) return 'exists'
    throw error
  } finally {
    signal?.removeEventListener('abort', cancel)
  }
}

interface Conversation {
  /** sends a request and waits for the first answer */
  readonly ask: (request: WriteRequest) => Promise<WriteResponse>
  /** sends a request; resolves when its bytes are on the way */
  readonly tell: (request: WriteRequest) => Promise<void>
  /** sends the last request; resolves when the daemon has ended the stream well */
  readonly finish: (request: WriteRequest) => Promise<void>
}

/** The daemon answers every request; only the first answer and the end matter, but all must be taken. */
function conversation(stream: WriteStream): Conversation {
  const { promise: failed, reject } = Promise.withResolvers<never>()
  const ended = new Promise<void>((resolve) => {
    stream.once('status', () => resolve())
  })
  failed.catch(() => undefined)
  stream.once('error', reject)
  const tell = (request: WriteRequest) =>
    Promise.race([failed, new Promise<void>((resolve) => stream.write(request, () => resolve()))])
  return {
    async ask(request) {
      const answer = new Promise<WriteResponse>((resolve) => {
        stream.once('data', resolve)
      })
      await tell(request)
      const first = await Promise.race([failed, answer])
      stream.resume()
      return first
    },
    tell,
    async finish(request) {
      await tell(request)
      stream.end()
      await Promise.race([failed, ended])
    },
  }
}
