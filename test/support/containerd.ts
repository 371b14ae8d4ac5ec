/**
 * A containerd of our own on a socket in a temporary folder, driven by ctr. Needs root and runc. Debian's is of the 1.6
 * line, the other one current.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { containerd, findGoPrograms } from './go-programs.ts'
import { hasProgram, programEnvironment, runProgram, startProgram } from './program.ts'
import { requirePart } from './require-part.ts'
import { temporaryFolder } from './temporary-folder.ts'

export type ContainerdLine = '1.6' | 'current'

export const containerdLines: readonly ContainerdLine[] = ['1.6', 'current']

export interface Containerd extends AsyncDisposable {
  /** path of the socket */
  readonly socket: string
  readonly pid: number
  /** runs ctr on this daemon and returns its standard output without the last line end */
  readonly ctr: (args: readonly string[]) => Promise<string>
  /** the ctr that goes with the daemon */
  readonly ctrProgram: string
  readonly stop: () => Promise<void>
}

export interface ContainerdOptions {
  /** TOML of what is set beside the version; default: the part that serves Kubernetes is off */
  readonly config?: string
  /** folder for content and snapshots; default: one of its own, removed afterwards */
  readonly root?: string
}

const withoutCri = 'disabled_plugins = ["io.containerd.grpc.v1.cri"]\n'

/** For the `skip` option of a test. */
export async function skipWithoutContainerd(line: ContainerdLine = '1.6'): Promise<string | false> {
  const isThere =
    line === '1.6'
      ? hasProgram('containerd') && hasProgram('ctr')
      : (await findGoPrograms(containerd)) !== undefined
  return requirePart(`containerd ${line} (with root and runc)`, process.getuid?.() === 0 && isThere)
}

/** Starts a containerd; default: Debian's. */
export async function startContainerd(
  line: ContainerdLine = '1.6',
  { config: settings = withoutCri, root }: ContainerdOptions = {},
): Promise<Containerd> {
  const programs = line === '1.6' ? undefined : await findGoPrograms(containerd)
  if (line !== '1.6' && programs === undefined)
    throw new Error('a current containerd has not been built; npm run test:setup builds it')
  const program = (name: string) => (programs === undefined ? name : join(programs, name))
  // containerd finds its shim on PATH
  const env = programs === undefined ? {} : { PATH: `${programs}:${programEnvironment['PATH']}` }
  const folder = await temporaryFolder()
  const socket = folder.join('c.sock')
  const config = folder.join('config.toml')
  await writeFile(config, `version = 2\n${settings}`)
  const ctr = async (args: readonly string[]) =>
    (await runProgram(program('ctr'), ['--address', socket, ...args])).stdout.replace(/\n$/, '')
  const daemon = await startProgram(
    program('containerd'),
    [
      '--config',
      config,
      '--address',
      socket,
      '--root',
      root ?? folder.join('root'),
      '--state',
      folder.join('state'),
    ],
    {
      env,
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
  const stop = async () => {
    await daemon.stop()
    await folder.remove()
  }
  return { socket, pid: daemon.pid, ctr, ctrProgram: program('ctr'), stop, [Symbol.asyncDispose]: stop }
}
