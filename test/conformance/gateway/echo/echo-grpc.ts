/** An echo pod for gRPC: methods Echo, EchoTwo and EchoThree tell who answers, and the metadata that came. */
import { Server, ServerCredentials, type Metadata, type ServiceDefinition } from '@grpc/grpc-js'
import type { Pair } from '../suite-certificates.ts'
import type { EchoIdentity } from './echo-http.ts'

export const grpcService = 'gateway_api_conformance.echo_basic.grpcecho.GrpcEcho'

export interface GrpcEcho extends EchoIdentity {
  /** fully qualified, without a leading slash */
  readonly method: string
  readonly authority: string
  readonly headers: Readonly<Record<string, string>>
}

export const grpcMethods = ['Echo', 'EchoTwo', 'EchoThree'] as const

/** Messages are JSON here: how they are written is nobody's business but the ends'. */
export const jsonMethod = (name: string) => ({
  path: `/${grpcService}/${name}`,
  requestStream: false as const,
  responseStream: false as const,
  requestSerialize: (value: unknown) => Buffer.from(JSON.stringify(value)),
  requestDeserialize: (bytes: Buffer): unknown => JSON.parse(bytes.toString()),
  responseSerialize: (value: unknown) => Buffer.from(JSON.stringify(value)),
  responseDeserialize: (bytes: Buffer): unknown => JSON.parse(bytes.toString()),
})

export interface GrpcPod {
  readonly port: number
  readonly close: () => void
}

/** Over TLS with a certificate, else in plain text. */
export async function startGrpcEcho(
  identity: EchoIdentity,
  address: string,
  certificate?: Pair,
): Promise<GrpcPod> {
  const server = new Server()
  const definition: ServiceDefinition = Object.fromEntries(
    grpcMethods.map((name) => [name, jsonMethod(name)]),
  )
  server.addService(
    definition,
    Object.fromEntries(
      grpcMethods.map((name) => [
        name,
        (
          call: { metadata: Metadata; getHost: () => string },
          callback: (error: null, value: GrpcEcho) => void,
        ) => {
          const headers = Object.fromEntries(
            Object.entries(call.metadata.toHttp2Headers()).map(([key, value]) => [
              key,
              [value].flat().map(String).join(','),
            ]),
          )
          callback(null, {
            ...identity,
            method: `${grpcService}/${name}`,
            authority: call.getHost(),
            headers,
          })
        },
      ]),
    ),
  )
  const credentials = certificate
    ? ServerCredentials.createSsl(null, [
        {
          cert_chain: Buffer.from(certificate['tls.crt']),
          private_key: Buffer.from(certificate['tls.key']),
        },
      ])
    : ServerCredentials.createInsecure()
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${address}:0`, credentials, (error, bound) => (error ? reject(error) : resolve(bound)))
  })
  return { port, close: () => server.forceShutdown() }
}
