/**
 * `node bench/compression.ts [FILE] [--quick]`: how fast the codecs of layers are and how small they make a file, on one
 * thread and on two, beside the programs gzip, pigz and zstd where they are installed. FILE defaults to this Node.js.
 *
 * Wall time depends on what else the machine does; MB of input per second of processor time does not.
 */
import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { cpus } from 'node:os'
import { formatCodec, newCompressor, parseCodec, type Codec } from '../src/layer/index.ts'
import { hasProgram } from '../test/support/program.ts'

const isQuick = process.argv.includes('--quick')
const file = process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? process.execPath
const { size } = statSync(file)

interface Row {
  readonly name: string
  readonly threads: number
  /** bytes */
  readonly compressed: number
  readonly wallSeconds: number
  readonly cpuSeconds: number
}

const codecs = isQuick
  ? ['gzip:1', 'gzip:6', 'zstd:3']
  : ['gzip:1', 'gzip:4', 'gzip:5', 'gzip:6', 'gzip:9', 'zstd:1', 'zstd:3', 'zstd:9', 'zstd:15']

/** The same work by other programs; `-n` leaves the name and the time out. */
const programs: readonly (readonly [program: string, flags: string, threads: number])[] = [
  ['gzip', '-n -6', 1],
  ['pigz', '-n -6 -p 1', 1],
  ['pigz', '-n -6 -p 2', 2],
  ['pigz', '-n -1 -p 2', 2],
  ['zstd', '-q -3 -T1', 1],
  ['zstd', '-q -3 -T2', 2],
]

console.log(
  `${cpus().length} x ${cpus()[0]?.model}, node ${process.version}, ${file} of ${megabytes(size)} MB\n`,
)
console.log(
  `${'CODEC'.padEnd(18)} ${['THREADS', 'WALL MB/s', 'CPU MB/s', 'SIZE MB', 'RATIO'].map((title) => title.padStart(9)).join(' ')}`,
)
for (const text of codecs) for (const threads of [1, 2]) print(await measureCodec(parseCodec(text), threads))
for (const [program, flags, threads] of programs)
  if (hasProgram(program)) print(measureProgram(program, flags, threads))
  else console.log(`${program} ${flags}`.padEnd(18), ' is not installed')

async function measureCodec(codec: Codec, threads: number): Promise<Row> {
  const [started, before] = [performance.now(), process.cpuUsage()]
  let compressed = 0
  for await (const chunk of newCompressor({ threads }).compress(chunks(), codec)) compressed += chunk.length
  const { user, system } = process.cpuUsage(before)
  return {
    name: formatCodec(codec),
    threads,
    compressed,
    wallSeconds: (performance.now() - started) / 1000,
    cpuSeconds: (user + system) / 1e6,
  }
}

function measureProgram(program: string, flags: string, threads: number): Row {
  const script = `TIMEFORMAT='%R %U %S'; time ${program} ${flags} -c < "$0" | wc -c`
  const { stdout, stderr } = spawnSync('bash', ['-c', script, file], { encoding: 'utf8' })
  const [wall = 0, user = 0, system = 0] = stderr.trim().split(' ').map(Number)
  return {
    name: `${program} ${flags.replace('-n ', '').replace('-q ', '')}`,
    threads,
    compressed: Number(stdout),
    wallSeconds: wall,
    cpuSeconds: user + system,
  }
}

/** The file in two buffers that take turns, as a layer comes. */
async function* chunks(): AsyncGenerator<Uint8Array> {
  const buffers = [Buffer.alloc(1 << 20), Buffer.alloc(1 << 20)] as const
  const descriptor = openSync(file, 'r')
  try {
    for (let turn = 0; ; turn = 1 - turn) {
      const length = readSync(descriptor, buffers[turn]!)
      if (length === 0) return
      yield buffers[turn]!.subarray(0, length)
    }
  } finally {
    closeSync(descriptor)
  }
}

function print({ name, threads, compressed, wallSeconds, cpuSeconds }: Row): void {
  const cells = [
    String(threads),
    megabytes(size / wallSeconds),
    megabytes(size / cpuSeconds),
    megabytes(compressed),
    (compressed / size).toFixed(4),
  ]
  console.log(`${name.padEnd(18)} ${cells.map((cell) => cell.padStart(9)).join(' ')}`)
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1)
}
