/** `slipway operator status` as a process: 0 when everything is ready, 1 when something is not. */
import { listInstalled, statusOf } from '../operator/index.ts'
import type { StatusFlags } from './operator-command.ts'
import { inSession } from './operator-session.ts'
import { installedLines, statusLines } from './report/installation-report.ts'

export async function runStatus(name: string | undefined, flags: StatusFlags): Promise<void> {
  await inSession(flags, async ({ client, namespace, signal }) => {
    if (name === undefined) {
      const found = await listInstalled(client, {
        namespace: flags.allNamespaces ? undefined : namespace,
        signal,
      })
      print(flags.json ? [JSON.stringify(found, undefined, 2)] : installedLines(found))
      return
    }
    const status = await statusOf({ client, name, namespace }, { signal })
    print(flags.json ? [JSON.stringify(status, undefined, 2)] : statusLines(status, process.stdout))
    if (!status.isReady) process.exitCode = 1
  })
}

function print(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''))
}
