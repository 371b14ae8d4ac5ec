/** `--git-labels`, `--git-annotations`, and the variable that docker buildx has for the former. */
import type { Command } from 'commander'
import type { GitPlace, ResolvedPlan } from '../build/index.ts'

export interface GitLabelFlags {
  readonly gitLabels?: boolean
  readonly gitAnnotations?: boolean
}

export function addGitLabelFlags(command: Command): Command {
  return command
    .option('--git-labels', 'label images with revision, source, version and time of the git commit')
    .option('--git-annotations', 'the same as annotations of indexes and manifests')
}

/**
 * The plan with labels from git, if the flags, the plan or BUILDX_GIT_LABELS ask for them.
 * `folder`: in the repository; default the root of the plan.
 * @throws Failure GIT_FAILED
 */
export async function withAskedGitLabels(
  plan: ResolvedPlan,
  flags: GitLabelFlags,
  folder: string = plan.root,
): Promise<ResolvedPlan> {
  const places = new Set<GitPlace>(plan.release?.git)
  if (flags.gitLabels || /^(?:1|t|true|full)$/i.test(process.env['BUILDX_GIT_LABELS'] ?? ''))
    places.add('labels')
  if (flags.gitAnnotations) places.add('annotations')
  if (places.size === 0) return plan
  const { parseEpoch, withGitLabels } = await import('../build/index.ts')
  return withGitLabels(plan, {
    folder,
    places: [...places],
    epoch: parseEpoch(process.env['SOURCE_DATE_EPOCH']),
  })
}
