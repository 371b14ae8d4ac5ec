/** `slipway operator delete` as a process. */
import { removeInstallation } from '../operator/index.ts'
import type { DeleteFlags } from './operator-command.ts'
import { inSession } from './operator-session.ts'

export async function runDelete(name: string, flags: DeleteFlags): Promise<void> {
  await inSession(flags, async ({ client, namespace, signal, emit }) => {
    await removeInstallation({
      client,
      name,
      namespace,
      policy: flags.orphan ? 'orphan' : undefined,
      takesProtected: flags.withProtected,
      emit,
      signal,
    })
    process.stdout.write(`${name} in ${namespace} is deleted\n`)
  })
}
