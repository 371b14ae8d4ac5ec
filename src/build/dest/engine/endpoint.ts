/** Where the daemon of a container engine is reached, and connections to it. */
import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { Duplex } from 'node:stream'
import { systemCode } from '../../../base/index.ts'

export type Endpoint =
  /** a socket of this machine */
  | { readonly kind: 'socket'; readonly path: string }
  /** a command that takes the bytes of a connection on its standard input and gives those of the daemon on its output */
  | { readonly kind: 'command'; readonly program: string; readonly args: readonly string[] }

export interface Connections {
  readonly connect: () => Duplex
  /** the last thing a command of a connection complained about; '' when there was none */
  readonly complaint: () => string
}

export function connectionsTo(endpoint: Endpoint): Connections {
  if (endpoint.kind === 'socket') return { connect: () => connect(endpoint.path), complaint: () => '' }
  let complaint = ''
  return {
    connect: () => commandStream(endpoint.program, endpoint.args, (text) => (complaint = text)),
    complaint: () => complaint,
  }
}

/** For messages: `/var/run/docker.sock`, `docker --context far` */
export function describeEndpoint(endpoint: Endpoint): string {
  return endpoint.kind === 'socket' ? endpoint.path : [endpoint.program, ...endpoint.args].join(' ')
}

/** The standard streams of a command as one connection, which ends with it: what it complains about is known then. */
function commandStream(
  program: string,
  args: readonly string[],
  onComplaint: (text: string) => void,
): Duplex {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const { stdin, stdout, stderr } = child
  const stream = new Duplex({
    read: () => void stdout.resume(),
    write: (chunk, _, done) => void stdin.write(chunk, (error) => (isGone(error) ? undefined : done(error))),
    final: (done) => void stdin.end(() => done()),
    destroy(error, done) {
      // The end of its input ends the command; the signal alone would not, as the Docker CLI waits for a third one.
      for (const pipe of [stdin, stdout, stderr]) pipe.destroy()
      child.kill()
      child.unref()
      done(error)
    },
  })
  let complaint = ''
  stdin.on('error', () => {
    // The end of the command says more.
  })
  stdout.on('data', (chunk) => {
    if (!stream.push(chunk)) stdout.pause()
  })
  stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text
    onComplaint(complaint.trim())
  })
  child.once('error', (error) => stream.destroy(error))
  child.once('close', (status) => {
    if (status === 0) stream.push(null)
    else stream.destroy(Object.assign(new Error(`${program} ended`), { code: 'ECONNRESET' }))
  })
  // What an agent asks of the sockets it keeps.
  return Object.assign(stream, { setKeepAlive() {}, setTimeout() {}, setNoDelay() {}, ref() {}, unref() {} })
}

function isGone(error: Error | null | undefined): boolean {
  return ['EPIPE', 'ERR_STREAM_DESTROYED'].includes(systemCode(error) ?? '')
}
