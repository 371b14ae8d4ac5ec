/** `slipway operator diff` as a process: 0 for no difference, 1 for some, 2 for an error, as kubectl has it. */
import { isAbort } from '../base/index.ts'
import { changesAnything, makePlan, type Plan } from '../operator/index.ts'
import type { DiffFlags } from './operator-command.ts'
import { inSession, readTargets } from './operator-session.ts'
import { formatError } from './report/failure.ts'
import { planData, planLines } from './report/plan-report.ts'

export async function runDiff(file: string, flags: DiffFlags): Promise<void> {
  const plans: Plan[] = []
  try {
    await inSession(flags, async (session) => {
      const { client, signal } = session
      for (const { installation, rendered } of await readTargets(file, session, flags))
        plans.push(await makePlan({ client, installation, rendered }, { signal }))
    })
  } catch (error) {
    if (isAbort(error)) throw error
    process.stderr.write(`${formatError(error, process.stderr).join('\n')}\n`)
    process.exitCode = 2
    return
  }
  if (flags.json) process.stdout.write(`${JSON.stringify(plans.map(planData), undefined, 2)}\n`)
  else
    for (const plan of plans)
      process.stdout.write(
        planLines(plan, process.stdout)
          .map((line) => `${line}\n`)
          .join(''),
      )
  const problems = plans.flatMap((plan) => plan.problems)
  for (const problem of problems) process.stderr.write(`${formatError(problem, process.stderr).join('\n')}\n`)
  process.exitCode = problems.length > 0 ? 2 : plans.some(changesAnything) ? 1 : 0
}
