/** A current buildkitd and buildctl, built once from the Go module proxy into a cache outside the tree. */
import { mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Waiting } from '../../src/base/index.ts'
import { runProgram } from '../../test/support/program.ts'

export const buildkitVersion = 'v0.34.2'

const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'slipway', 'peers')

/** Whether the programs are built already. */
export async function hasBuildkit(): Promise<boolean> {
  return stat(programFolder()).then(
    () => true,
    () => false,
  )
}

/**
 * The folder with `buildkitd` and `buildctl`. The first call builds them, which takes Go 1.26 or newer, some minutes
 * and about 1.5 GB for the sources of their dependencies, which are removed afterwards.
 */
export async function buildkitPrograms(options: Waiting = {}): Promise<string> {
  if (await hasBuildkit()) return programFolder()
  await mkdir(cache, { recursive: true })
  const work = await mkdtemp(join(cache, '.building-'))
  try {
    const bin = join(work, 'bin')
    await mkdir(bin)
    await writeFile(join(work, 'go.mod'), 'module peers\n\ngo 1.26\n')
    const go = (args: readonly string[]) =>
      runProgram('go', args, {
        cwd: work,
        signal: options.signal,
        timeoutMs: 1_800_000,
        // A module cache of its own: what is fetched here goes away with the folder.
        env: {
          GOBIN: bin,
          GOPATH: join(work, 'gopath'),
          GOFLAGS: '-modcacherw',
          GOWORK: 'off',
          CGO_ENABLED: '0',
        },
      })
    const commands = ['buildkitd', 'buildctl'].map((name) => `github.com/moby/buildkit/cmd/${name}`)
    await go(['get', '-tool', ...commands.map((command) => `${command}@${buildkitVersion}`)])
    await go(['install', '-trimpath', 'tool'])
    await rename(bin, programFolder())
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return programFolder()
}

function programFolder(): string {
  return join(cache, `buildkit-${buildkitVersion}`)
}
