/** Waits until objects are as they should be, or cannot become so. */
import { setTimeout as sleep } from 'node:timers/promises'
import { all, Failure, limit, type Waiting } from '../../base/index.ts'
import { formatObject, idOf, keyOf, valueAt, type KubeClient, type KubeObject } from '../../kube/index.ts'
import { withOthers } from '../../yaml/index.ts'
import type { Emit } from '../events.ts'
import { healthOf, inProgress, type Health } from './health.ts'
import { podReasons } from './pod-reasons.ts'

export interface WaitOptions extends Waiting {
  readonly emit: Emit
  /** for all objects together */
  readonly timeoutMs: number
}

/** Pauses between looks grow: what is not ready soon takes longer. */
const pauses = { firstMs: 100, longestMs: 2000, factor: 1.3 }

interface Watched {
  readonly object: KubeObject
  health: Health
}

/** @throws Failure ROLLOUT_FAILED | ROLLOUT_TIMEOUT with the reason of each object */
export async function waitUntilReady(
  client: KubeClient,
  objects: readonly KubeObject[],
  { emit, timeoutMs, signal }: WaitOptions,
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  const slots = limit(8)
  let open: Watched[] = objects.map((object) => ({ object, health: inProgress('') }))
  for (let pauseMs = pauses.firstMs; ; pauseMs = Math.min(pauses.longestMs, pauseMs * pauses.factor)) {
    await all(open, (watched) => slots(() => look(client, watched, emit, signal)))
    open = open.filter(({ health }) => health.status !== 'Current')
    const failed = open.filter(({ health }) => health.status === 'Failed')
    if (failed.length > 0) throw describe('ROLLOUT_FAILED', failed)
    if (open.length === 0) return
    if (performance.now() + pauseMs > deadline) throw describe('ROLLOUT_TIMEOUT', open, timeoutMs)
    await sleep(pauseMs, undefined, { signal })
  }
}

async function look(client: KubeClient, watched: Watched, emit: Emit, signal?: AbortSignal): Promise<void> {
  const { object, health: before } = watched
  const live = await client.get(idOf(object), { signal })
  let health = live ? healthOf(live) : inProgress('it is not there')
  if (live && health.status !== 'Current') {
    const reasons = await reasonsBelow(client, live, signal)
    if (reasons.length > 0) health = { ...health, message: [health.message, ...reasons].join('; ') }
  }
  watched.health = health
  if (health.status === 'Current') {
    // Of what has no state of its own there is nothing to tell.
    if (live?.['status'] !== undefined) emit({ kind: 'ready', object: idOf(object) })
  } else if (health.message !== before.message)
    emit({ kind: 'waiting', object: idOf(object), message: health.message })
}

/** Whoever may not read pods is told what the workload says, and no more. */
export async function reasonsBelow(
  client: KubeClient,
  workload: KubeObject,
  signal?: AbortSignal,
): Promise<string[]> {
  const labels = valueAt(workload, 'spec', 'selector', 'matchLabels')
  if (typeof labels !== 'object' || labels === null || workload.kind === 'PodDisruptionBudget') return []
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',')
  const { namespace } = workload.metadata
  try {
    return podReasons(
      await client.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, labelSelector, signal }),
    )
  } catch (error) {
    if (error instanceof Failure && error.code === 'CLUSTER_FORBIDDEN') return []
    throw error
  }
}

function describe(
  code: 'ROLLOUT_FAILED' | 'ROLLOUT_TIMEOUT',
  watched: readonly Watched[],
  timeoutMs?: number,
): Failure {
  const seen = new Set<string>()
  return withOthers(
    watched
      .filter(({ object }) => !seen.has(keyOf(object)) && seen.add(keyOf(object)))
      .map(({ object, health }) => {
        const within =
          timeoutMs === undefined ? 'cannot become ready' : `is not ready within ${timeoutMs / 1000} s`
        return new Failure(code, `${formatObject(object)} ${within}: ${health.message}`, {
          hint: 'go back with slipway operator rollback, or mend the file and apply it again',
        })
      }),
  )
}
