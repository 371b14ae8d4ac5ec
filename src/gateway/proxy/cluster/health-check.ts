/** Asks endpoints whether they are well (xDS `HealthCheck`): an endpoint is well until it fails often enough in a row. */
import { connect } from 'node:net'
import type { HealthCheck } from '../../model/index.ts'
import type { DataPlaneEvent } from '../events.ts'
import { addressOf } from '../upstream/dial.ts'
import type { UpstreamReceiver, UpstreamRequest, UpstreamStream } from '../upstream/upstream.ts'
import type { LiveCluster } from './cluster.ts'
import type { LiveEndpoint } from './endpoint.ts'

export interface HealthWatch {
  readonly cluster: LiveCluster
  readonly check: HealthCheck
  readonly emit: (event: DataPlaneEvent) => void
  /** called when an endpoint became sick or well */
  readonly changed: () => void
}

/** Starts, with every endpoint at once; the function stops. */
export function watchHealth(watch: HealthWatch): () => void {
  const stops = watch.cluster.endpoints.map((endpoint) => watchEndpoint(watch, endpoint))
  return () => stops.forEach((stop) => stop())
}

function watchEndpoint({ cluster, check, emit, changed }: HealthWatch, endpoint: LiveEndpoint): () => void {
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  let inRow = 0
  const name = { cluster: cluster.name, endpoint: endpoint.key }
  const settle = (why: string | undefined) => {
    if (isStopped) return
    timer = setTimeout(ask, check.intervalMs).unref()
    const isWell = endpoint.sick === undefined
    if ((why === undefined) === isWell) {
      inRow = 0
      return
    }
    inRow++
    if (inRow < (isWell ? check.unhealthyThreshold : check.healthyThreshold)) return
    inRow = 0
    endpoint.sick = why
    changed()
    emit(why === undefined ? { kind: 'endpoint-well', ...name } : { kind: 'endpoint-sick', ...name, why })
  }
  const ask = () => void probe(cluster, endpoint, check).then(settle)
  ask()
  return () => {
    isStopped = true
    clearTimeout(timer)
  }
}

/** Why the endpoint is not well, if it is not. */
async function probe(
  cluster: LiveCluster,
  endpoint: LiveEndpoint,
  check: HealthCheck,
): Promise<string | undefined> {
  return check.kind === 'tcp' ? probeTcp(endpoint, check) : probeHttp(cluster, endpoint, check)
}

async function probeTcp({ config }: LiveEndpoint, { timeoutMs }: HealthCheck): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const socket = connect(addressOf(config))
  socket.setTimeout(timeoutMs, () => resolve(`no connection within ${timeoutMs} ms`))
  socket.once('connect', () => resolve(undefined))
  socket.once('error', (error: NodeJS.ErrnoException) =>
    resolve(`no connection (${error.code ?? error.message})`),
  )
  const why = await promise
  socket.destroy()
  return why
}

async function probeHttp(
  cluster: LiveCluster,
  endpoint: LiveEndpoint,
  check: HealthCheck,
): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>()
  const isGrpc = check.kind === 'grpc'
  const probing = new Probe(isGrpc, resolve)
  const stream: UpstreamStream = cluster.send(endpoint, probeRequest(cluster, check), probing, isGrpc)
  if (isGrpc) {
    stream.write(noService)
    stream.end()
  }
  const timer = setTimeout(() => {
    stream.cancel()
    resolve(`no answer to its health check within ${check.timeoutMs} ms`)
  }, check.timeoutMs)
  const why = await promise
  clearTimeout(timer)
  return why
}

/** an empty HealthCheckRequest in a gRPC frame */
const noService = Buffer.alloc(5)

function probeRequest(cluster: LiveCluster, { kind, path = '/', host }: HealthCheck): UpstreamRequest {
  const isGrpc = kind === 'grpc'
  return {
    method: isGrpc ? 'POST' : 'GET',
    path: isGrpc ? '/grpc.health.v1.Health/Check' : path,
    authority: host ?? cluster.config.tls?.serverName ?? cluster.name.split('|').at(-1) ?? '',
    scheme: cluster.config.tls === undefined ? 'http' : 'https',
    headers: ['user-agent', 'slipway-health-check', ...(isGrpc ? ['content-type', 'application/grpc'] : [])],
    body: isGrpc ? 'chunked' : 0,
    wantsTrailers: isGrpc,
    upgrade: undefined,
  }
}

class Probe implements UpstreamReceiver {
  readonly #isGrpc: boolean
  readonly #done: (why: string | undefined) => void
  #status = 0
  #body = Buffer.alloc(0)

  constructor(isGrpc: boolean, done: (why: string | undefined) => void) {
    this.#isGrpc = isGrpc
    this.#done = done
  }

  onInformation(): void {}

  onHead({ status }: { status: number }): void {
    this.#status = status
  }

  onData(chunk: Buffer): boolean {
    if (this.#body.length < 1024) this.#body = Buffer.concat([this.#body, chunk])
    return true
  }

  onLull(): void {}

  onDrain(): void {}

  onEnd(): void {
    const isServing = this.#isGrpc
      ? this.#body.subarray(5).equals(serving)
      : this.#status >= 200 && this.#status < 300
    const answer = this.#isGrpc && this.#status === 200 ? 'not SERVING' : String(this.#status)
    this.#done(isServing ? undefined : `its health check was answered with ${answer}`)
  }

  onFailure({ message }: { message: string }): void {
    this.#done(message)
  }
}

/** HealthCheckResponse with status SERVING */
const serving = Buffer.from([0x08, 0x01])
