/** One run of a command that talks to a cluster: a client, a signal, and a place for events. */
import { Failure, isAbort } from '../base/index.ts'
import { loadConnection, loadKubeSchema, openKubeClient, type KubeClient } from '../kube/index.ts'
import {
  renderInstallation,
  type Installation,
  type OperatorEvent,
  type Rendered,
} from '../operator/index.ts'
import { abortOnSignals, Interrupted } from './interruption.ts'
import type { ClusterFlags, WaitFlags } from './operator-command.ts'
import { readInstallations } from './operator-file.ts'
import { findPackages } from './operator-packages.ts'
import { operatorLine } from './report/operator-events.ts'
import { version } from './version.ts'

export interface OperatorSession {
  readonly client: KubeClient
  readonly namespace: string
  readonly signal: AbortSignal
  readonly emit: (event: OperatorEvent) => void
}

/** An installation with the objects that it stands for. */
export interface Target {
  readonly installation: Installation
  readonly rendered: Rendered
}

/** Opens a session, does the work, closes it whatever happens. */
export async function inSession(
  flags: ClusterFlags,
  work: (session: OperatorSession) => Promise<void>,
): Promise<void> {
  const emit = reporterOf(flags)
  const timeoutMs = secondsOf('--request-timeout', flags.requestTimeout) * 1000
  const connection = await loadConnection({
    kubeconfig: flags.kubeconfig,
    context: flags.context,
    env: process.env,
  })
  const controller = new AbortController()
  const interruptions = abortOnSignals(controller)
  const client = openKubeClient(connection, {
    env: process.env,
    userAgent: `slipway/${version}`,
    timeoutMs,
    onRetry: (doing, { reason, delayMs }) => emit({ kind: 'retrying', doing, reason, delayMs }),
  })
  try {
    const namespace = flags.namespace ?? connection.namespace
    await work({ client, namespace, signal: controller.signal, emit })
  } catch (error) {
    if (isAbort(error))
      throw new Interrupted('interrupted: what has been done stays; run it again to go on\n', error)
    throw error
  } finally {
    client.close()
    interruptions.release()
  }
}

/** Everything of a file is rendered before anything of it is applied. */
export async function readTargets(
  file: string,
  { namespace, emit, signal }: OperatorSession,
  { insecureRegistry: insecure }: ClusterFlags,
): Promise<Target[]> {
  const schema = await loadKubeSchema()
  const installations = await readInstallations(file)
  const packages = await findPackages(file, installations, { insecure, signal })
  return installations.map((installation, index) => {
    const rendered = renderInstallation(installation, packages[index]!, { schema, namespace })
    for (const message of rendered.warnings) emit({ kind: 'warning', message })
    return { installation, rendered }
  })
}

/** @throws Failure USAGE */
export function secondsOf(flag: string, text: string): number {
  const seconds = Number(text)
  if (Number.isFinite(seconds) && seconds > 0) return seconds
  throw new Failure('USAGE', `${flag} "${text}" is not a number of seconds`)
}

/** Nothing for a run that does not wait. @throws Failure USAGE */
export function waitMsOf({ wait, timeout }: WaitFlags): number | undefined {
  const timeoutMs = secondsOf('--timeout', timeout) * 1000
  return wait ? timeoutMs : undefined
}

function reporterOf({ progress }: ClusterFlags): OperatorSession['emit'] {
  switch (progress) {
    case 'quiet':
      return () => undefined
    case 'json':
      return (event) => void process.stderr.write(`${JSON.stringify(event)}\n`)
    case 'auto':
    case 'plain':
      return (event) => void process.stderr.write(`${operatorLine(event, process.stderr)}\n`)
    default:
      throw new Failure('USAGE', `--progress "${progress}" is not known`, {
        hint: 'there is auto, plain, json and quiet',
      })
  }
}
