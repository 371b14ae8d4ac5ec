/** tinyproxy, an HTTP proxy, on loopback (Debian package `tinyproxy-bin`). */
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { hasProgram, startProgram } from './program.ts'
import { requirePart } from './require-part.ts'

export interface Tinyproxy {
  /** such as `http://127.0.0.1:3128` */
  readonly url: string
  /** what it has said so far: a line for each connection and request */
  readonly log: () => string
  readonly stop: () => Promise<void>
}

/** For the `skip` option of a test. */
export function skipWithoutTinyproxy(): string | false {
  return requirePart('tinyproxy', hasProgram('tinyproxy'))
}

/** Starts a proxy that lets this machine through to every port; its configuration goes into the folder. */
export async function startTinyproxy(folder: string): Promise<Tinyproxy> {
  const port = await freePort()
  const config = join(folder, 'tinyproxy.conf')
  await writeFile(
    config,
    `Port ${port}\nListen 127.0.0.1\nAllow 127.0.0.1\nTimeout 60\nMaxClients 50\nLogLevel Connect\n`,
  )
  const isReady = async () => {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.destroy()
    return true
  }
  const program = await startProgram('tinyproxy', ['-d', '-c', config], { isReady })
  return {
    url: `http://127.0.0.1:${port}`,
    log: program.output,
    async stop() {
      await program.stop()
    },
  }
}
