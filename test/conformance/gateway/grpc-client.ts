/** The suite's gRPC client: one channel a call. */
import assert from 'node:assert/strict'
import { Client, credentials, Metadata, status as codes } from '@grpc/grpc-js'
import { eventually } from './client.ts'
import { jsonMethod, type GrpcEcho } from './echo/echo-grpc.ts'

export interface Called {
  readonly at: string
  /** default `Echo` */
  readonly method?: string
  readonly authority?: string
  readonly metadata?: Readonly<Record<string, string>>
}

export interface GrpcAnswer {
  readonly code: number
  readonly echo?: GrpcEcho
}

export async function call({ at, method = 'Echo', authority, metadata = {} }: Called): Promise<GrpcAnswer> {
  const client = new Client(`${at}:80`, credentials.createInsecure(), {
    ...(authority === undefined ? {} : { 'grpc.default_authority': authority }),
    'grpc.use_local_subchannel_pool': 1,
  })
  const { path, requestSerialize, responseDeserialize } = jsonMethod(method)
  const sent = new Metadata()
  for (const [name, value] of Object.entries(metadata)) sent.set(name, value)
  try {
    return await new Promise((resolve) => {
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        {},
        sent,
        { deadline: Date.now() + 10_000 },
        (error, echo) =>
          resolve(
            error ? { code: error.code } : { code: codes.OK, ...(echo ? { echo: echo as GrpcEcho } : {}) },
          ),
      )
    })
  } finally {
    client.close()
  }
}

/** A call, and the Service that answers it or the code that does. */
export type GrpcRow = readonly [
  called: Omit<Called, 'at'>,
  expected:
    | number
    | { readonly backend: string; readonly headers?: Readonly<Record<string, string | undefined>> },
]

export const grpcBackend = (version: number) => ({ backend: `grpc-infra-backend-v${version}` })
export const unimplemented: number = codes.UNIMPLEMENTED

export async function expectCalls(at: string, rows: readonly GrpcRow[]): Promise<void> {
  for (const [called, expected] of rows) {
    try {
      await eventually(async () => {
        const { code, echo } = await call({ at, ...called })
        if (typeof expected === 'number') {
          assert.equal(code, expected)
          return
        }
        assert.equal(code, codes.OK)
        assert.equal(echo?.service, expected.backend)
        for (const [name, value] of Object.entries(expected.headers ?? {})) {
          assert.equal(echo.headers[name], value, `metadata ${name} at the backend`)
        }
      })
    } catch (error) {
      throw new Error(`${JSON.stringify(called)}: ${(error as Error).message}`, { cause: error })
    }
  }
}
