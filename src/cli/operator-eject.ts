/** `slipway operator eject` as a process: the manifests are safe before anything is let go. */
import { writeFileAtomically } from '../base/index.ts'
import { eject, prepareEjection } from '../operator/index.ts'
import { formatYaml } from '../yaml/index.ts'
import type { EjectFlags } from './operator-command.ts'
import { inSession } from './operator-session.ts'

export async function runEject(name: string, flags: EjectFlags): Promise<void> {
  await inSession(flags, async ({ client, namespace, signal, emit }) => {
    const request = { client, name, namespace, to: flags.to }
    const ejection = await prepareEjection(request, { signal })
    const text = ejection.manifests.map((object) => `---\n${formatYaml(object)}`).join('')
    if (flags.output === undefined) process.stdout.write(text)
    else {
      const isSecret = ejection.manifests.some(({ kind }) => kind === 'Secret')
      await writeFileAtomically(flags.output, text, { mode: isSecret ? 0o600 : 0o666 })
    }
    if (!flags.dryRun) await eject(request, ejection, { emit, signal })
  })
}
