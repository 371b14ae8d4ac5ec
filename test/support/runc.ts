/** runc, to run an unpacked image with nothing in between (Debian package `runc`). Needs root. */
import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram, startProgram, type ProgramOptions, type RunningProgram } from './program.ts'
import { temporaryFolder } from './temporary-folder.ts'

interface RuntimeConfig {
  process: { terminal?: boolean; args: string[] }
  linux: { namespaces: { type: string }[] } & Record<string, unknown>
  mounts: { destination: string; type?: string }[]
}

export interface RuncOptions extends ProgramOptions {
  /** asked until it says yes, such as `() => answersHttp('http://127.0.0.1:8080/')` */
  readonly isReady: () => Promise<boolean>
  /** replaces the arguments the image config led to; default: as they are */
  readonly args?: readonly string[]
}

export interface Container extends AsyncDisposable {
  /** process id of the container's first process, seen from outside */
  readonly pid: number
  readonly output: () => string
  /** sends a signal (default TERM), KILL after ten seconds; resolves with how it ended */
  readonly stop: (signal?: string) => Promise<number | string>
}

/** Runs a bundle on the network of this machine, with its own processes, mounts and users, until it is stopped. */
export async function runcStart(bundle: string, options: RuncOptions): Promise<Container> {
  const { isReady, args, ...rest } = options
  await adaptConfig(bundle, args)
  const state = await temporaryFolder()
  const id = `slipway-${randomUUID()}`
  const runc = (...words: string[]) => runProgram('runc', ['--root', state.path, ...words])
  const running = await startProgram('runc', ['--root', state.path, 'run', '--bundle', bundle, id], {
    ...rest,
    isReady,
  }).catch(async (error: unknown) => {
    await runc('delete', '--force', id).catch(() => undefined)
    await state.remove()
    throw error
  })
  const { pid } = JSON.parse((await runc('state', id)).stdout) as { pid: number }
  const stopAll = async (signal: string) => {
    const how = await stopContainer(running, runc, id, signal)
    await state.remove()
    return how
  }
  let stopped: Promise<number | string> | undefined
  const stop = (signal = 'TERM') => (stopped ??= stopAll(signal))
  return {
    pid,
    output: () => running.output(),
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop()
    },
  }
}

async function stopContainer(
  running: RunningProgram,
  runc: (...words: string[]) => Promise<unknown>,
  id: string,
  signal: string,
): Promise<number | string> {
  const kill = (name: string) => runc('kill', id, name).catch(() => undefined)
  await kill(signal)
  const timer = setTimeout(() => void kill('KILL'), 10_000)
  const how = await running.ended
  clearTimeout(timer)
  await runc('delete', '--force', id).catch(() => undefined)
  return how
}

/** Takes out what a test machine may not have: a network of its own, a terminal, control groups. */
async function adaptConfig(bundle: string, args: readonly string[] | undefined): Promise<void> {
  const file = join(bundle, 'config.json')
  const config = JSON.parse(await readFile(file, 'utf8')) as RuntimeConfig
  config.process.terminal = false
  if (args) config.process.args = [...args]
  config.linux.namespaces = config.linux.namespaces.filter(
    ({ type }) => type !== 'network' && type !== 'cgroup',
  )
  config.mounts = config.mounts.filter(({ type }) => type !== 'cgroup')
  // A new sysfs cannot be mounted without a network namespace of its own.
  config.mounts = config.mounts.filter(({ destination }) => destination !== '/sys')
  delete config.linux['resources']
  delete config.linux['cgroupsPath']
  await writeFile(file, JSON.stringify(config))
}
