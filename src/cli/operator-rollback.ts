/** `slipway operator rollback` as a process. */
import { Failure } from '../base/index.ts'
import { makePlan, prepareRollback } from '../operator/index.ts'
import { withOthers } from '../yaml/index.ts'
import { carryOut } from './operator-apply.ts'
import type { RollbackFlags } from './operator-command.ts'
import { inSession, waitMsOf } from './operator-session.ts'
import { planLines } from './report/plan-report.ts'

export async function runRollback(name: string, flags: RollbackFlags): Promise<void> {
  const waitMs = waitMsOf(flags)
  const number = flags.to === undefined ? undefined : revisionNumber(flags.to)
  await inSession(flags, async (session) => {
    const { client, namespace, signal } = session
    const {
      rendered,
      installation,
      number: found,
    } = await prepareRollback({ client, name, namespace, number }, { signal })
    const plan = await makePlan({ client, installation, rendered }, { signal })
    if (!flags.dryRun) return carryOut(plan, { installation, rendered }, session, waitMs)
    if (plan.problems.length > 0) throw withOthers(plan.problems)
    const lines = [`to revision ${found}`, ...planLines(plan, process.stdout)]
    process.stdout.write(lines.map((line) => `${line}\n`).join(''))
  })
}

function revisionNumber(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text)
  throw new Failure('USAGE', `--to "${text}" is not the number of a revision`)
}
