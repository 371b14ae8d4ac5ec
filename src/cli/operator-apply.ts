/** `slipway operator apply` as a process. */
import { applyPlan, changesAnything, makePlan } from '../operator/index.ts'
import type { ApplyFlags } from './operator-command.ts'
import { inSession, readTargets, secondsOf } from './operator-session.ts'
import { version } from './version.ts'

/** @throws Failure, or the reason of the abort */
export async function runApply(file: string, flags: ApplyFlags): Promise<void> {
  const waitMs = flags.wait ? secondsOf('--timeout', flags.timeout) * 1000 : undefined
  await inSession(flags, async (session) => {
    const { client, signal, emit } = session
    for (const { installation, rendered } of await readTargets(file, session)) {
      const plan = await makePlan({ client, installation, rendered }, { signal })
      await applyPlan(plan, { client, installation, rendered, emit, waitMs, toolVersion: version, signal })
      const { name, package: from } = installation
      const what = `${name} in ${rendered.namespace}: ${from.name} ${from.version}, ${rendered.objects.length} objects`
      process.stdout.write(`${what}${changesAnything(plan) ? '' : ', nothing to do'}\n`)
    }
  })
}
