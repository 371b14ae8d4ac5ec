/** What a builder is told of a stage: everything the stage can read, and nothing else. */
import { readFileSync } from 'node:fs'
import { all, Failure, fileFailure, formatPlace, type Place } from '../../base/index.ts'
import type { Instruction } from '../../dockerfile/index.ts'
import { formatPlatform, formatReference, parseReference } from '../../oci/index.ts'
import { ignoreFile } from '../contexts.ts'
import { dockerfileCopy, type DockerfileCopy } from '../delegate/dockerfile-copy.ts'
import type { ResolvedImage } from '../plan/model.ts'
import type { StageBase, StageContext, StageRequest } from '../delegate/stage-request.ts'
import { canReadContext, contextReads } from './context-reads.ts'
import { runPlace, type StageUnit, type UnitContext } from './delegated-unit.ts'
import { folderOfContext, referenceOf, stagePlatform } from './origins.ts'
import { needsNoDeclaration } from './scope.ts'
import type { StageGraph } from './stage-graph.ts'

/** @throws Failure BASE_… | CONTEXT_INVALID | ARTIFACT_NOT_FOUND */
export async function stageRequest(context: UnitContext, unit: StageUnit, at: Place): Promise<StageRequest> {
  const { graph, request } = context
  const { image, target, contexts } = request
  checkCommandFields(image, at)
  const bases = await basesOf(context, unit)
  const hasTriggers = bases.some(({ image: { config } }) => (config.config?.OnBuild ?? []).length > 0)
  const dockerfile = copyOf(context, unit)
  const ignore = target.context && ignoreFile(target.context, image)
  const readsContext = hasTriggers || unit.instructions.some((instruction) => canReadContext(instruction))
  const runPlatforms = await all(unit.stages, async (index) =>
    (await runPlace(context, index)) ? [stagePlatform(graph, index, target.platform)] : [],
  )
  return {
    choice: image.delegate!,
    build: [image.name, image.variant, formatPlatform(target.platform)].filter(Boolean).join(' '),
    label: labelOf(graph, unit.index),
    at,
    dockerfile,
    platform: target.platform,
    runPlatforms: runPlatforms.flat(),
    args: argsFor(context, dockerfile, hasTriggers),
    context: readsContext
      ? {
          tree: contexts.context(target, image),
          reads: hasTriggers ? undefined : contextReads(unit.instructions),
          folder: target.context,
          aliases: (target.files ?? [])
            .flatMap(({ alias }) => alias ?? [])
            .filter((alias) => hasTriggers || dockerfile.text.includes(alias)),
          ignoreFile: ignore,
        }
      : undefined,
    folders: foldersOf(context, unit),
    bases,
    epoch: request.mtime,
    isRepeatable: !unit.instructions.some(isRemoteAdd),
  }
}

function labelOf(graph: StageGraph, index: number): string {
  return `stage ${graph.nodes[index]!.stage.name ?? index}`
}

function copyOf({ graph, dockerfile, request }: UnitContext, { index, stages }: StageUnit): DockerfileCopy {
  const { image } = request
  const text = image.dockerfileInline ?? readDockerfile(image.dockerfile)
  const { stage } = graph.nodes[index]!
  const isLast = [...stages].every((other) => other <= index)
  const isNamedTwice = graph.nodes.filter((node) => node.stage.name === stage.name).length > 1
  if (!isLast && stage.name !== undefined && isNamedTwice) {
    throw new Failure(
      'DOCKERFILE_UNSUPPORTED',
      `the stage "${stage.name}" runs commands and needs a later stage, and its name is there twice`,
      { at: stage.from.nameWord?.place, hint: 'give each stage a name of its own' },
    )
  }
  return dockerfileCopy(text, dockerfile, stage, isLast)
}

function readDockerfile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw fileFailure('read', path, error)
  }
}

/** What a plan says about commands is not told to builders, and a command without it would be another one. */
function checkCommandFields({ commandFields = [], name }: ResolvedImage, run: Place): void {
  const [first, ...others] = commandFields
  if (!first) return
  const fields = [first, ...others].map(({ field }) => field).join(', ')
  throw new Failure(
    'DOCKERFILE_UNSUPPORTED',
    `${name} hands a stage with RUN to a builder, and Slipway does not tell builders its ${fields}`,
    { at: first.at, hint: `the RUN is at ${formatPlace(run)}; build this image with its builder directly` },
  )
}

function basesOf({ resolve }: UnitContext, { outside }: StageUnit): Promise<StageBase[]> {
  return all(outside, async ({ name, written, origin, platform }) => {
    const image = await resolve(origin, platform)
    if (image === undefined) return []
    const parsed = parseReference(referenceOf(origin))
    const reference =
      image.digest === undefined
        ? formatReference(parsed)
        : `${parsed.registry}/${parsed.repository}@${image.digest}`
    return [{ name, written, platform, image, reference, isContext: origin.kind === 'context' }]
  }).then((found) => [
    ...new Map(found.flat().map((base) => [`${base.name} ${formatPlatform(base.platform)}`, base])).values(),
  ])
}

function foldersOf({ request }: UnitContext, { outside }: StageUnit): Map<string, StageContext> {
  const folders = outside.flatMap(({ name, origin }) => {
    const folder = folderOfContext(origin)
    if (folder === undefined) return []
    const tree = request.contexts.folder(folder, name)
    return [[name, { tree, folder, aliases: [], ignoreFile: undefined }] as const]
  })
  return new Map(folders)
}

/** Arguments nothing takes would only make equal stages differ. TARGETSTAGE is the name of another stage for us. */
function argsFor(
  { request, graph }: UnitContext,
  { text }: DockerfileCopy,
  hasTriggers: boolean,
): Record<string, string> {
  const hasComputedNames = /^\s*(?:ONBUILD\s+)?ARG\s.*\$/im.test(text)
  const isTaken = (name: string) =>
    hasTriggers || hasComputedNames || text.includes(name) || needsNoDeclaration(name)
  const stage = graph.globals.get('TARGETSTAGE')
  return {
    ...(text.includes('TARGETSTAGE') && stage !== undefined && { TARGETSTAGE: stage }),
    ...Object.fromEntries(Object.entries(request.image.args).filter(([name]) => isTaken(name))),
  }
}

function isRemoteAdd(instruction: Instruction): boolean {
  if (instruction.keyword !== 'ADD' || instruction.checksum !== undefined) return false
  return instruction.sources.some(({ text }) => /^[a-z+]+:\/\/|^git@|\$/.test(text))
}
