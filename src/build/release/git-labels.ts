/**
 * Labels and annotations from git, by the names of image-spec annotations.md and of `docker buildx`
 * (BUILDX_GIT_LABELS): revision, source, version, created, and the Dockerfile's path in the repository.
 * What the plan or the command line says of a label wins.
 */
import { relative } from 'node:path'
import type { Waiting } from '../../base/index.ts'
import type { PlanWarning, ResolvedImage, ResolvedPlan } from '../plan/model.ts'
import type { GitPlace } from '../plan/release-rules.ts'
import { readRepository, type GitRepository } from './git-repository.ts'
import { sourceAddress } from './source-address.ts'

export interface GitLabelOptions extends Waiting {
  /** in the repository */
  readonly folder: string
  /** nothing is asked of git when there are none */
  readonly places: readonly GitPlace[]
  /** seconds since the epoch for `created`; default: the time of the commit */
  readonly epoch?: number | undefined
}

/** The plan with what git knows added to every image. @throws Failure GIT_FAILED */
export async function withGitLabels(plan: ResolvedPlan, options: GitLabelOptions): Promise<ResolvedPlan> {
  const { folder, places, epoch } = options
  if (places.length === 0) return plan
  const repository = await readRepository(folder, options)
  if (!repository) {
    const message = `labels from git are left out: ${folder} is in no git repository`
    return { ...plan, warnings: [...plan.warnings, { message }] }
  }
  const facts = gitFacts(repository, epoch)
  const known = new Map<ResolvedImage, ResolvedImage>()
  const label = (image: ResolvedImage): ResolvedImage => {
    const labelled = known.get(image) ?? labelImage(image, facts, { repository, places })
    known.set(image, labelled)
    return labelled
  }
  return {
    ...plan,
    images: plan.images.map(label),
    resolveImage: (target) => label(plan.resolveImage(target)),
    warnings: [...plan.warnings, ...missing(repository)],
  }
}

type Facts = Readonly<Record<string, string>>

/** By full key, in the order of the spec's list. */
export function gitFacts({ commit, isDirty, remote }: GitRepository, epoch?: number): Facts {
  const source = remote === undefined ? undefined : sourceAddress(remote)
  const mark = isDirty ? '-dirty' : ''
  const facts = {
    created: commit && timestamp(epoch ?? commit.time),
    source,
    version: commit?.description === undefined ? undefined : commit.description + mark,
    revision: commit && commit.id + mark,
  }
  return Object.fromEntries(
    Object.entries(facts).flatMap(([name, value]) =>
      value === undefined ? [] : [[`org.opencontainers.image.${name}`, value]],
    ),
  )
}

function labelImage(
  image: ResolvedImage,
  facts: Facts,
  { repository, places }: { readonly repository: GitRepository; readonly places: readonly GitPlace[] },
): ResolvedImage {
  const path = relative(repository.root, image.dockerfile)
  const entrypoint = path.startsWith('..') ? {} : { 'com.docker.image.source.entrypoint': path }
  const annotations = Object.entries(facts).map(([key, value]) => [`index,manifest:${key}`, value] as const)
  return {
    ...image,
    ...(places.includes('labels') && { labels: { ...facts, ...entrypoint, ...image.labels } }),
    ...(places.includes('annotations') && {
      annotations: { ...Object.fromEntries(annotations), ...image.annotations },
    }),
  }
}

/** What git could not tell, and why. */
function missing({ root, commit, remote, isShallow }: GitRepository): PlanWarning[] {
  if (!commit) return [{ message: `labels from git: the repository ${root} has no commit yet` }]
  const warnings: PlanWarning[] = []
  if (commit.description === undefined) {
    const why = isShallow ? 'the clone is shallow and has no tag' : 'no tag leads to the commit'
    const hint = isShallow ? 'fetch tags and history: git fetch --tags --unshallow' : undefined
    warnings.push({ message: `labels from git: no version, as ${why}`, ...(hint && { hint }) })
  }
  if (remote === undefined) warnings.push({ message: 'labels from git: no source, as there is no remote' })
  else if (sourceAddress(remote) === undefined)
    warnings.push({ message: 'labels from git: no source, as the remote is a path of this machine' })
  return warnings
}

/** RFC 3339 in UTC, to the second. */
function timestamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}
