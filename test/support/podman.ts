/** podman with a store of its own, and its service on a socket in a temporary folder (Debian package `podman`). Needs root. */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { hasProgram, runProgram, startProgram, type ProgramOptions } from './program.ts'
import { requirePart } from './require-part.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface Podman extends AsyncDisposable {
  /** `unix:///tmp/.../podman.sock`, the value of CONTAINER_HOST */
  readonly host: string
  /** environment for a podman command on the same store without the service */
  readonly env: Readonly<Record<string, string>>
  /** runs podman on this store and returns its standard output without the last line end */
  readonly run: (args: readonly string[], options?: ProgramOptions) => Promise<string>
  readonly stop: () => Promise<void>
}

/** For the `skip` option of a test. */
export function skipWithoutPodman(): string | false {
  return requirePart('podman (with root)', process.getuid?.() === 0 && hasProgram('podman'))
}

export async function startPodman(): Promise<Podman> {
  const folder = await temporaryFolder()
  const storage = folder.join('storage.conf')
  const text = `[storage]\ndriver = "vfs"\ngraphroot = "${folder.join('root')}"\nrunroot = "${folder.join('run')}"\n`
  await writeFile(storage, text)
  const env = { CONTAINERS_STORAGE_CONF: storage }
  const socket = folder.join('podman.sock')
  const service = await startProgram('podman', ['system', 'service', '--time=0', `unix://${socket}`], {
    env,
    isReady: async () => existsSync(socket),
  })
  const stop = async () => {
    await service.stop()
    await folder.remove()
  }
  return {
    host: `unix://${socket}`,
    env,
    run: async (args, options = {}) =>
      (await runProgram('podman', args, { ...options, env: { ...env, ...options.env } })).stdout.replace(
        /\n$/,
        '',
      ),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
