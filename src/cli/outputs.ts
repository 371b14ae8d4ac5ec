/** Where the images of a run go: `--push`, `--load`, `--save DIR`, `-o type=…` and the default layout. */
import { resolve } from 'node:path'
import { Failure } from '../base/index.ts'
import type { ResolvedPlan } from '../build/index.ts'
import { parseCodec } from '../layer/index.ts'
import { parseLoad } from './load-flag.ts'
import { parseOutput } from './output-fields.ts'
import { parseServe } from './serve-flag.ts'
import { pathOf, standardOutput, type Output, type OutputKind } from './output.ts'

export interface OutputFlags {
  readonly push?: boolean | undefined
  /** local stores, such as `docker` or `kind:demo` */
  readonly load?: readonly string[] | undefined
  /** folders for layouts */
  readonly save?: readonly string[] | undefined
  /** `-o` values as written */
  readonly output?: readonly string[] | undefined
  /** address to serve on */
  readonly serve?: string | undefined
  /** keep what is served, in `store` */
  readonly pin?: boolean | undefined
  /** folder for what is kept; default that of `slipway registry serve` */
  readonly store?: string | undefined
  /** for outputs that do not say it themselves */
  readonly compression?: string | undefined
}

/** The layout under the project root that results go to when no output is asked for. */
const defaultFolder = '.slipway/oci'

/** What cannot hold an image without a name. */
const namedOnly = new Set<OutputKind>(['registry', 'containerd', 'kind', 'serve'])

/** Every output asked for, each once. @throws Failure USAGE */
export function parseOutputs(flags: OutputFlags, directory: string, root: string): Output[] {
  const outputs = new Map<string, Output>()
  const add = (output: Output): void => void outputs.set(JSON.stringify(output), output)
  if (flags.push) add({ kind: 'registry' })
  for (const text of flags.load ?? []) add(parseLoad(text))
  for (const folder of flags.save ?? []) add({ kind: 'layout', folder: resolve(directory, folder) })
  for (const text of flags.output ?? []) add(parseOutput(text, directory))
  if (flags.serve !== undefined) add(parseServe(flags.serve, flags, directory))
  if (outputs.size === 0) add({ kind: 'layout', folder: resolve(root, defaultFolder) })
  const all = packedOutputs([...outputs.values()], flags)
  checkPaths(all)
  checkCompression(all, flags)
  return all
}

/** What keeps layers as they come. */
const packable = new Set<OutputKind>(['registry', 'layout', 'archive'])

/** The outputs of one image: at most one push, and compressed as the flag says where they do not say it. */
export function packedOutputs(outputs: readonly Output[], { compression }: OutputFlags): Output[] {
  if (compression === undefined) return onePush(outputs)
  const codec = parseCodec(compression)
  return onePush(outputs).map((output) =>
    packable.has(output.kind) ? ({ codec, ...output } as Output) : output,
  )
}

/** @throws Failure USAGE when there is nothing to compress */
export function checkCompression(outputs: readonly Output[], { compression }: OutputFlags): void {
  if (compression === undefined || parseCodec(compression).type === 'none') return
  if (outputs.some(({ kind }) => packable.has(kind))) return
  throw new Failure('USAGE', `--compression ${compression} has nothing to compress`, {
    hint: 'leave it out: it is for registries, layouts and archives, and other places unpack layers at once',
  })
}

/** `--push` beside `-o type=registry,compression=zstd` is one push; a name cannot lead to two compressions. */
function onePush(outputs: readonly Output[]): Output[] {
  const [first, ...others] = outputs.filter(({ kind }) => kind === 'registry')
  if (first === undefined || others.length === 0) return [...outputs]
  const packed = [first, ...others].filter((output) => 'codec' in output)
  if (packed.length > 1)
    throw new Failure('USAGE', 'two outputs push the same names with different compressions', {
      hint: 'choose one of them',
    })
  return [packed[0] ?? first, ...outputs.filter(({ kind }) => kind !== 'registry')]
}

/** Whether the images of a plan can go where they are to go. @throws Failure USAGE */
export function checkOutputs(outputs: readonly Output[], { images }: Pick<ResolvedPlan, 'images'>): void {
  if (images.length > 1 && outputs.some(({ kind }) => kind === 'local' || kind === 'tar')) {
    throw new Failure('USAGE', `the files of ${images.length} images cannot go to one place`, {
      hint: 'bake one image in one variant, or write an archive of all with type=oci',
    })
  }
  const output = outputs.find(({ kind }) => namedOnly.has(kind))
  const nameless = images.find(({ tags, base }) => tags.length === 0 && !base)
  if (output === undefined || nameless === undefined) return
  const what =
    output.kind === 'registry'
      ? 'pushing'
      : output.kind === 'serve'
        ? 'serving'
        : `loading into ${output.kind}`
  throw new Failure('USAGE', `${what} needs a name for the image "${nameless.name}"`, {
    hint: 'add -t registry/name:tag',
  })
}

/** Two outputs that write the same file would spoil each other. */
export function checkPaths(outputs: readonly Output[]): void {
  const seen = new Set<string>()
  for (const path of outputs.flatMap((output) => pathOf(output) ?? [])) {
    if (seen.has(path)) {
      const where = path === standardOutput ? 'the standard output' : path
      throw new Failure('USAGE', `two outputs write to ${where}`, { hint: 'give each a path of its own' })
    }
    seen.add(path)
  }
}
