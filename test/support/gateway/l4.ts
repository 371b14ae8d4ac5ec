/** A data plane with one TCP listener, and clients and backends that can be half open. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { createDataPlane, type DataPlaneOptions } from '../../../src/gateway/proxy/create-data-plane.ts'
import type { AccessLogEntry, DataPlane } from '../../../src/gateway/proxy/data-plane.ts'
import type { DataPlaneEvent } from '../../../src/gateway/proxy/events.ts'
import type { FilterChain, Listener, TcpProxy } from '../../../src/gateway/model/index.ts'
import { freePort } from '../free-port.ts'
import { listenerOf, snapshotOf, type SnapshotParts } from './snapshots.ts'

export interface L4Parts extends Pick<SnapshotParts, 'clusters' | 'secrets' | 'routes'> {
  readonly chains: readonly FilterChain[]
  readonly listener?: Partial<Listener>
}

export interface L4Plane {
  readonly port: number
  readonly plane: DataPlane
  readonly log: AccessLogEntry[]
  readonly events: DataPlaneEvent[]
  readonly apply: (parts: L4Parts) => Promise<void>
}

export async function startL4(
  t: TestContext,
  parts: L4Parts,
  options: DataPlaneOptions = {},
): Promise<L4Plane> {
  const log: AccessLogEntry[] = []
  const events: DataPlaneEvent[] = []
  const plane = createDataPlane({
    onAccess: (entry) => log.push(entry),
    onEvent: (event) => events.push(event),
    ...options,
  })
  const port = await freePort()
  t.after(() => plane.drain(0))
  const apply = async ({ chains, listener, ...rest }: L4Parts) => {
    const own = { ...listenerOf(port, chains), ...listener }
    const reports = await plane.apply(snapshotOf({ listeners: [own], ...rest }))
    assert.deepEqual(reports, [{ listener: own.name, bound: true }])
  }
  await apply(parts)
  return { port, plane, log, events, apply }
}

export function tcpChain(
  filter: Partial<TcpProxy> & Pick<TcpProxy, 'targets'>,
  more: Partial<FilterChain> = {},
): FilterChain {
  return { name: 'tcp', match: { tls: false, serverNames: [] }, filter: { kind: 'tcp', ...filter }, ...more }
}

export const to = (cluster: string, weight = 1) => ({ cluster, weight })

export interface Told {
  readonly text: string
  /** `end`, the code of an error, or `closed` */
  readonly how: string
}

/** A client that stays half open, and what it was told until it closed. */
export function openClient(port: number): { readonly socket: Socket; readonly told: Promise<Told> } {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  return { socket, told: hearOut(socket) }
}

/** What a socket was told until it closed. */
export async function hearOut(socket: Socket): Promise<Told> {
  const chunks: Buffer[] = []
  const { promise, resolve } = Promise.withResolvers<Told>()
  let how = 'closed'
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.once('end', () => (how = 'end'))
  socket.on('error', (error: NodeJS.ErrnoException) => (how = error.code ?? error.message))
  socket.once('close', () => resolve({ text: Buffer.concat(chunks).toString('latin1'), how }))
  return promise
}

/** Says something, ends, and hears the answer out. */
export async function exchange(port: number, text: string): Promise<Told> {
  const { socket, told } = openClient(port)
  socket.end(text)
  return told
}

/** Talks bytes; its sockets can be half open. */
export async function tcpBackend(t: TestContext, onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** Answers when the client has ended: its name and what it was told. */
export async function namedBackend(t: TestContext, name: string): Promise<number> {
  return tcpBackend(t, (socket) => answerWith(socket, name))
}

export function answerWith(socket: Socket, name: string): void {
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  socket.once('end', () => socket.end(`${name}:${text}`))
}
