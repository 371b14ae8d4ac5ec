/** `slipway operator apply` and `adopt` as processes. */
import { Failure } from '../base/index.ts'
import { applyPlan, changesAnything, makePlan, type Plan } from '../operator/index.ts'
import type { AdoptFlags, WaitFlags } from './operator-command.ts'
import { inSession, readTargets, waitMsOf, type OperatorSession, type Target } from './operator-session.ts'
import { planLines } from './report/plan-report.ts'
import { version } from './version.ts'

/** @throws Failure, or the reason of the abort */
export async function runApply(file: string, flags: WaitFlags): Promise<void> {
  const waitMs = waitMsOf(flags)
  await inSession(flags, async (session) => {
    for (const target of await readTargets(file, session, flags)) {
      const plan = await makePlan({ client: session.client, ...target }, { signal: session.signal })
      await carryOut(plan, target, session, waitMs)
    }
  })
}

/** @throws Failure OBJECT_CHANGED for objects that the file would change */
export async function runAdopt(file: string, flags: AdoptFlags): Promise<void> {
  const waitMs = waitMsOf(flags)
  await inSession(flags, async (session) => {
    for (const { installation, rendered } of await readTargets(file, session, flags)) {
      const adopt = rendered.objects.map(({ kind, metadata }) => ({ kind, name: metadata.name }))
      const policy = { ...installation.policy, adopt }
      const target = { rendered, installation: { ...installation, policy } }
      const plan = await makePlan({ client: session.client, ...target }, { signal: session.signal })
      if (!flags.allowChanges) refuseChanges(plan)
      await carryOut(plan, target, session, waitMs)
    }
  })
}

/** The label that makes an object a member is no change. */
function refuseChanges(plan: Plan): void {
  const changed = plan.steps
    .map((step) => ({ ...step, changes: step.changes.filter(({ path }) => !isMembership(path)) }))
    .filter(({ action, changes }) => action === 'create' || action === 'recreate' || changes.length > 0)
  if (changed.length === 0) return
  throw new Failure('OBJECT_CHANGED', 'adopting would change what is there', {
    output: planLines({ ...plan, steps: changed, removals: [] }, process.stderr).join('\n'),
    hint: 'make the file say what is there, or let it change with --allow-changes',
  })
}

function isMembership(path: string): boolean {
  return path === 'metadata.labels' || path === 'metadata.labels[applyset.kubernetes.io/part-of]'
}

export async function carryOut(
  plan: Plan,
  { installation, rendered }: Pick<Target, 'rendered'> & { readonly installation: PlannedInstallation },
  { client, emit, signal }: OperatorSession,
  waitMs: number | undefined,
): Promise<void> {
  await applyPlan(plan, { client, installation, rendered, emit, waitMs, toolVersion: version, signal })
  const { name, package: from } = installation
  const what = `${name} in ${rendered.namespace}: ${from.name} ${from.version}, ${rendered.objects.length} objects`
  process.stdout.write(`${what}${changesAnything(plan) ? '' : ', nothing to do'}\n`)
}

type PlannedInstallation = Pick<Target['installation'], 'name' | 'package' | 'policy'>
