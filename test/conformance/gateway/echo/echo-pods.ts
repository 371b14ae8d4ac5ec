/** All backends of the suite, each pod with servers of its own on a loopback address of its own. */
import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { appBackend, infra, webBackend } from '../objects.ts'
import type { Pod } from '../base.ts'
import type { SuiteCertificates } from '../suite-certificates.ts'
import { startGrpcEcho } from './echo-grpc.ts'
import {
  echoH2cServer,
  echoHttpServer,
  echoHttpsServer,
  type EchoIdentity,
  type EchoLog,
} from './echo-http.ts'
import { echoTcpServer, echoTlsServer, echoUdpSocket } from './echo-streams.ts'

export interface EchoPods extends AsyncDisposable {
  readonly pods: readonly Pod[]
  /** what the pods of a Service were asked */
  readonly log: (service: string) => readonly EchoLog[]
}

type Role = 'http' | 'grpc' | 'tcp' | 'udp'

/** service, pods, namespace, role */
const plan: readonly (readonly [service: string, count: number, namespace: string, role: Role])[] = [
  ['infra-backend-v1', 2, infra, 'http'],
  ['infra-backend-v2', 2, infra, 'http'],
  ['infra-backend-v3', 1, infra, 'http'],
  ['app-backend-v1', 1, appBackend, 'http'],
  ['app-backend-v2', 1, appBackend, 'http'],
  ['web-backend', 2, webBackend, 'http'],
  ['tls-backend', 1, infra, 'http'],
  ['tls-backend-2', 1, infra, 'http'],
  ['tls-backend', 1, appBackend, 'http'],
  ['grpc-infra-backend-v1', 2, infra, 'grpc'],
  ['grpc-infra-backend-v2', 1, infra, 'grpc'],
  ['grpc-infra-backend-v3', 1, infra, 'grpc'],
  ['tcp-backend', 2, infra, 'tcp'],
  ['tcp-backend-v1', 1, infra, 'tcp'],
  ['tcp-backend-v2', 1, infra, 'tcp'],
  ['tcp-backend-v3', 1, infra, 'tcp'],
  ['tcp-backend', 1, appBackend, 'tcp'],
  ['udp-backend-v1', 1, infra, 'udp'],
  ['udp-backend-v2', 1, infra, 'udp'],
  ['udp-backend-v3', 1, infra, 'udp'],
  ['udp-backend', 1, appBackend, 'udp'],
]

/** `block`: the first two parts of the addresses, such as `127.80`. */
export async function startEchoPods(certificates: SuiteCertificates, block: string): Promise<EchoPods> {
  const closers: (() => void)[] = []
  const logs = new Map<string, EchoLog[]>()
  const pods: Pod[] = []
  let host = 0
  for (const [service, count, namespace, role] of plan) {
    for (let index = 0; index < count; index += 1) {
      host += 1
      const address = `${block}.200.${host}`
      const identity = { pod: `${service}-${index}`, namespace, service }
      const log: EchoLog = { requests: [], tries: new Map() }
      logs.set(service, [...(logs.get(service) ?? []), log])
      const ports = await startRole(role, { identity, log, address, certificates }, closers)
      pods.push({ name: identity.pod, namespace, service, address, ports })
    }
  }
  return {
    pods,
    log: (service) => logs.get(service) ?? [],
    async [Symbol.asyncDispose]() {
      for (const close of closers) close()
    },
  }
}

interface PodStart {
  readonly identity: EchoIdentity
  readonly log: EchoLog
  readonly address: string
  readonly certificates: SuiteCertificates
}

async function startRole(
  role: Role,
  { identity, log, address, certificates }: PodStart,
  closers: (() => void)[],
): Promise<Pod['ports']> {
  const none = { http: 0, h2c: 0, https: 0 }
  const listen = (server: Server) => listenAt(server, address, closers)
  switch (role) {
    case 'http':
      return {
        http: await listen(echoHttpServer(identity, log)),
        h2c: await listen(echoH2cServer(identity, log)),
        https: await listen(echoHttpsServer(identity, log, certificates.backend, certificates.authority)),
      }
    case 'grpc': {
      const plain = await startGrpcEcho(identity, address)
      const secure = await startGrpcEcho(identity, address, certificates.backend)
      closers.push(plain.close, secure.close)
      return { http: plain.port, h2c: plain.port, https: secure.port }
    }
    case 'tcp':
      return {
        ...none,
        http: await listen(echoTcpServer(identity)),
        https: await listen(echoTlsServer(identity, certificates.passthrough)),
      }
    case 'udp': {
      const socket = echoUdpSocket(identity)
      socket.bind(0, address)
      await once(socket, 'listening')
      closers.push(() => socket.close())
      return { ...none, http: socket.address().port }
    }
  }
}

async function listenAt(server: Server, address: string, closers: (() => void)[]): Promise<number> {
  const sockets = new Set<{ destroy: () => void }>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, address)
  await once(server, 'listening')
  closers.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}
