/** containerd's API over its Unix socket, in one namespace. */
import { access, constants } from 'node:fs/promises'
import * as grpc from '@grpc/grpc-js'
import { Failure, systemCode, type Waiting } from '../../../base/index.ts'
import { methods, type Method, type WriteRequest, type WriteResponse } from './protocol.ts'

export type WriteStream = grpc.ClientDuplexStream<WriteRequest, WriteResponse>

export interface ContainerdClient {
  /** Calls a method under the lease, if there is one. @throws grpc.ServiceError as the daemon answered */
  call<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options?: CallOptions,
  ): Promise<Response>
  /** A stream of one blob into the content store. */
  write(options?: CallOptions): WriteStream
  close(): void
}

export interface CallOptions extends Waiting {
  /** id of the lease that keeps what the call creates or touches */
  readonly lease?: string | undefined
}

export interface ClientOptions extends Waiting {
  /** absolute path of the socket */
  readonly socket: string
  readonly namespace: string
}

/** How long a call without content may take, in ms. */
const callTimeoutMs = 60_000

/** @throws Failure STORE_UNREACHABLE when no containerd answers at the socket */
export async function openContainerd({
  socket,
  namespace,
  signal,
}: ClientOptions): Promise<ContainerdClient> {
  await checkSocket(socket)
  const client = new grpc.Client(`unix:${socket}`, grpc.credentials.createInsecure(), {
    'grpc.enable_http_proxy': 0,
    'grpc.enable_retries': 0,
    'grpc.use_local_subchannel_pool': 1,
  })
  const metadataOf = (lease: string | undefined): grpc.Metadata => {
    const metadata = new grpc.Metadata()
    metadata.set('containerd-namespace', namespace)
    if (lease !== undefined) metadata.set('containerd-lease', lease)
    return metadata
  }
  const opened: ContainerdClient = {
    call: ({ path, encode, decode }, request, options = {}) =>
      new Promise((resolve, reject) => {
        options.signal?.throwIfAborted()
        const call = client.makeUnaryRequest(
          path,
          encode,
          decode,
          request,
          metadataOf(options.lease),
          { deadline: Date.now() + callTimeoutMs },
          (error, response) => {
            options.signal?.removeEventListener('abort', cancel)
            if (error) reject(options.signal?.aborted ? options.signal.reason : error)
            else resolve(response!)
          },
        )
        const cancel = () => call.cancel()
        options.signal?.addEventListener('abort', cancel)
      }),
    write: ({ lease } = {}) => {
      const { path, encode, decode } = methods.write
      return client.makeBidiStreamRequest(path, encode, decode, metadataOf(lease))
    },
    close: () => client.close(),
  }
  try {
    await opened.call(methods.version, {}, { signal })
    return opened
  } catch (error) {
    opened.close()
    if (!isServiceError(error)) throw error
    throw unreachable(socket, 'nothing answers there', error)
  }
}

async function checkSocket(socket: string): Promise<void> {
  try {
    await access(socket, constants.R_OK | constants.W_OK)
  } catch (error) {
    const why = systemCode(error) === 'EACCES' ? 'permission denied' : 'there is no such socket'
    throw unreachable(socket, why, error)
  }
}

function unreachable(socket: string, why: string, cause: unknown): Failure {
  return new Failure('STORE_UNREACHABLE', `cannot reach containerd at ${socket}: ${why}`, {
    cause,
    hint:
      why === 'permission denied'
        ? 'run as root, or as a user who may use the socket'
        : 'start containerd, or name its socket in CONTAINERD_ADDRESS, such as /run/k3s/containerd/containerd.sock',
  })
}

export function isServiceError(error: unknown): error is grpc.ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error && typeof error.code === 'number'
}

/** Whether the daemon says that it has this already. */
export function isAlreadyExists(error: unknown): boolean {
  return isServiceError(error) && error.code === grpc.status.ALREADY_EXISTS
}
