/**
 * The edge of the world: what a kubelet says of pods, without containers. Pods that wait become running and ready; those
 * whose image has `missing` in its name cannot be pulled, those with `crashing` end again and again.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { idOf, type KubeClient, type KubeObject } from '../../../src/kube/index.ts'

export interface KubeletOptions {
  /** pause between looks, default 100 ms */
  readonly intervalMs?: number
  /** does nothing until this says so; default: it always works */
  readonly isOn?: () => boolean
}

export function startKubelet(
  client: KubeClient,
  options: KubeletOptions = {},
): { stop: () => Promise<void> } {
  const controller = new AbortController()
  const { signal } = controller
  const { intervalMs = 100, isOn = () => true } = options
  const loop = async () => {
    while (!signal.aborted) {
      await sleep(intervalMs, undefined, { signal }).catch(() => undefined)
      if (isOn()) await tend(client, signal).catch(() => undefined)
    }
  }
  const ended = loop()
  return {
    async stop() {
      controller.abort()
      await ended
    },
  }
}

async function tend(client: KubeClient, signal: AbortSignal): Promise<void> {
  const pods = await client.list({ apiVersion: 'v1', kind: 'Pod' }, { signal })
  for (const pod of pods) {
    const status = pod['status'] as
      | { readonly phase?: string; readonly containerStatuses?: unknown }
      | undefined
    if (status?.phase !== 'Pending' || status.containerStatuses !== undefined) continue
    await client
      .patchStatus(idOf(pod), statusOf(pod), { fieldManager: 'kubelet', signal })
      .catch(() => undefined)
  }
}

interface Container {
  readonly name: string
  readonly image: string
}

function statusOf(pod: KubeObject): object {
  const { containers } = pod['spec'] as { readonly containers: readonly Container[] }
  const troubled = containers.find(({ image }) => /missing|crashing/.test(image))
  const now = new Date().toISOString()
  const condition = (type: string, isTrue: boolean) => ({
    type,
    status: isTrue ? 'True' : 'False',
    lastTransitionTime: now,
    ...(!isTrue && { reason: 'ContainersNotReady' }),
  })
  return {
    phase: troubled?.image.includes('missing') ? 'Pending' : 'Running',
    podIP: '10.0.0.1',
    podIPs: [{ ip: '10.0.0.1' }],
    startTime: now,
    conditions: [
      condition('PodScheduled', true),
      condition('Initialized', true),
      condition('ContainersReady', !troubled),
      condition('Ready', !troubled),
    ],
    containerStatuses: containers.map(containerStatus),
  }
}

function containerStatus({ name, image }: Container): object {
  const base = { name, image, imageID: '', restartCount: 0, started: true }
  if (image.includes('missing'))
    return {
      ...base,
      started: false,
      ready: false,
      state: { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` } },
    }
  if (image.includes('crashing'))
    return {
      ...base,
      ready: false,
      restartCount: 5,
      state: {
        waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container' },
      },
      lastState: { terminated: { exitCode: 1, reason: 'Error' } },
    }
  return { ...base, ready: true, state: { running: { startedAt: new Date().toISOString() } } }
}
