/**
 * Has stages built by a builder of this machine and keeps the results: what was built before from the same input is
 * read from the cache, without a word to the builder. A result is there whole or not at all.
 */
import { randomBytes } from 'node:crypto'
import { copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure, failureAt, limit, once, systemCode, type Waiting } from '../../base/index.ts'
import { formatPlatform, samePlatform, type Platform } from '../../oci/index.ts'
import { cachePath } from '../../store/index.ts'
import type { BaseImage } from '../base/base-image.ts'
import type { Emit } from '../events.ts'
import type { Builder, BuilderContext } from './builders/builder.ts'
import { writeBaseLayout } from './base-layout.ts'
import { readDelegatedImage } from './delegated-image.ts'
import { runsHere } from './emulation.ts'
import { findBuilder } from './find-builder.ts'
import { isLoopback } from './names.ts'
import { stageFolder } from './stage-folder.ts'
import { stageKey } from './stage-key.ts'
import type { DelegateStage, StageRequest } from './stage-request.ts'
import { checkUnchanged } from './tree-digest.ts'

export interface DelegatorOptions extends Waiting {
  /** cache folder of Slipway */
  readonly cache: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly emit: Emit
  /** have everything built again */
  readonly noCache?: boolean | undefined
  /** whether commands for a platform run on this machine; default: its processor and binfmt_misc */
  readonly runs?: ((platform: Platform) => boolean) | undefined
}

export function newDelegator(options: DelegatorOptions): DelegateStage {
  const { cache, env, signal } = options
  const results = cachePath(cache, 'delegated')
  const builders = once<string, Builder>()
  const running = once<string, void>()
  // Builders are parallel inside, and share what they cache only when one comes after the other.
  const slot = limit(2)

  const buildInto = async (folder: string, request: StageRequest, builder: Builder): Promise<void> => {
    const work = join(results, `.work-${process.pid}-${randomBytes(6).toString('hex')}`)
    const { build, label } = request
    const id = `${build} ${label}`
    const started = performance.now()
    options.emit({ kind: 'command-started', id, label: `${builder.description} for ${label}` })
    try {
      await buildStage(work, request, builder, {
        ...options,
        onOutput: (text) => options.emit({ kind: 'command-output', id, text }),
      })
      await moveInto(join(work, 'layout'), folder)
    } finally {
      await rm(work, { recursive: true, force: true })
    }
    options.emit({ kind: 'command-finished', id, seconds: (performance.now() - started) / 1000 })
  }

  return async (request) => {
    try {
      const key = await stageKey(request, { signal })
      const folder = join(results, key)
      const read = () => readResult(folder, request, cache)
      const isFresh = options.noCache !== true && request.isRepeatable
      const found = isFresh ? await read().catch(() => undefined) : undefined
      if (found) return found
      await running(key, async () => {
        const builder = await builders(request.choice, () => findBuilder(request.choice, { env, signal }))
        checkPlatforms(request, builder, options.runs ?? runsHere)
        await slot(() => buildInto(folder, request, builder))
      })
      return await read()
    } catch (error) {
      throw failureAt(error, request.at)
    }
  }
}

function readResult(folder: string, { label, bases }: StageRequest, cache: string): Promise<BaseImage> {
  const known = bases.flatMap(({ image }) => image.layers)
  return readDelegatedImage(folder, { description: label, known, cache })
}

function checkPlatforms(
  { runPlatforms, label }: StageRequest,
  { description, platforms = [] }: Builder,
  runs: (platform: Platform) => boolean,
): void {
  const missing = runPlatforms.find(
    (platform) => !runs(platform) && !platforms.some((candidate) => samePlatform(platform, candidate)),
  )
  if (missing === undefined) return
  throw new Failure(
    'BUILDER_PLATFORM',
    `${label} runs commands for ${formatPlatform(missing)}, which ${description} cannot without emulation`,
    {
      hint: 'install an emulator for it (Debian: qemu-user-static and binfmt-support), use a builder that has the platform, or run the commands in a stage FROM --platform=$BUILDPLATFORM',
    },
  )
}

interface BuildOptions extends DelegatorOptions {
  readonly onOutput: (text: string) => void
}

async function buildStage(
  work: string,
  request: StageRequest,
  builder: Builder,
  { signal, noCache = false, onOutput }: BuildOptions,
): Promise<void> {
  const { dockerfile, context, platform, args, epoch } = request
  const at = (name: string) => join(work, name)
  const file = at('dockerfile/Dockerfile')
  await Promise.all(['dockerfile', 'scratch'].map((name) => mkdir(at(name), { recursive: true })))
  await writeFile(file, dockerfile.text)
  if (context?.ignoreFile !== undefined) await copyFile(context.ignoreFile, `${file}.dockerignore`)
  let folder = context?.folder
  if (folder === undefined) {
    folder = at('context')
    await mkdir(folder)
    if (context) await stageFolder(context.tree, folder, context.aliases, { signal })
  }
  try {
    await builder.build({
      dockerfile: file,
      target: dockerfile.target,
      context: folder,
      contexts: await namedContexts(request, at('scratch/slipway-bases'), { signal }),
      pins: pinsOf(request),
      spellings: new Map(request.bases.map(({ written, name }) => [written, name])),
      args,
      platform,
      epoch,
      noCache,
      hasLoopbackBase: request.bases.some(
        ({ reference, image }) => !image.isBuiltHere && isLoopback(reference),
      ),
      scratch: at('scratch'),
      destination: at('layout'),
      onOutput,
      signal,
    })
    for (const read of [...(context ? [context] : []), ...request.folders.values()]) checkUnchanged(read)
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'BUILDER_FAILED') throw error
    const { message, hint, output, cause } = error
    throw new Failure('BUILDER_FAILED', `${request.label} was not built: ${message}`, { hint, output, cause })
  }
}

/** Folders, images of this plan, and images the user gave names; the others are the builder's to fetch. */
async function namedContexts(
  { folders, bases }: StageRequest,
  work: string,
  waiting: Waiting,
): Promise<Map<string, BuilderContext>> {
  const contexts = new Map<string, BuilderContext>()
  for (const [name, { folder }] of folders) contexts.set(name, { kind: 'folder', path: folder! })
  for (const [name, group] of Map.groupBy(bases, (base) => base.name)) {
    const [first] = group
    if (first!.image.isBuiltHere) {
      contexts.set(name, { kind: 'layout', ...(await writeBaseLayout(work, group, waiting)) })
    } else if (first!.isContext) contexts.set(name, { kind: 'image', reference: first!.reference })
  }
  return contexts
}

/** What the names of images in registries mean. */
function pinsOf({ bases }: StageRequest): Map<string, string> {
  const plain = bases.filter(({ image, isContext }) => !image.isBuiltHere && !isContext)
  return new Map(plain.map(({ name, reference }) => [name, reference]))
}

/** Puts a finished layout in its place; one that another process put there meanwhile is as good. */
async function moveInto(layout: string, folder: string): Promise<void> {
  const old = `${layout}-old`
  await rename(folder, old).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error
  })
  await rename(layout, folder).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOTEMPTY' && systemCode(error) !== 'EEXIST') throw error
  })
}
