/** A containerd of our own on a socket in a temporary folder (Debian package `containerd`), driven by ctr. Needs root. */
import { writeFile } from 'node:fs/promises'
import { runProgram, startProgram } from './program.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface Containerd extends AsyncDisposable {
  /** runs ctr on this daemon and returns its standard output without the last line end */
  readonly ctr: (args: readonly string[]) => Promise<string>
}

export async function startContainerd(): Promise<Containerd> {
  const folder = await temporaryFolder()
  const socket = folder.join('c.sock')
  const config = folder.join('config.toml')
  await writeFile(config, 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n')
  const ctr = async (args: readonly string[]) =>
    (await runProgram('ctr', ['--address', socket, ...args])).stdout.replace(/\n$/, '')
  const daemon = await startProgram(
    'containerd',
    ['--config', config, '--address', socket, '--root', folder.join('root'), '--state', folder.join('state')],
    {
      isReady: () =>
        ctr(['version']).then(
          () => true,
          () => false,
        ),
    },
  ).catch(async (error: unknown) => {
    await folder.remove()
    throw error
  })
  return {
    ctr,
    [Symbol.asyncDispose]: async () => {
      await daemon.stop()
      await folder.remove()
    },
  }
}
