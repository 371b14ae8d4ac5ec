/**
 * Does what a plan says: the account is widened, objects are applied wave by wave, waited for, and only when all of that
 * has succeeded are objects deleted that are no longer wanted. Whatever stops it, running it again goes on from there.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { all, Failure, limit, type Waiting } from '../../base/index.ts'
import {
  ApiFailure,
  formatObject,
  idOf,
  type KubeClient,
  type KubeObject,
  type ObjectId,
} from '../../kube/index.ts'
import { withOthers } from '../../yaml/index.ts'
import type { Emit } from '../events.ts'
import { waitUntilReady } from '../health/wait.ts'
import { keepRevision } from '../history/history.ts'
import type { Installation } from '../installation/installation.ts'
import { hasOtherManagers } from '../plan/ownership.ts'
import type { Plan, Step } from '../plan/plan.ts'
import { isStale } from '../release/eject.ts'
import { kubectlManagers, takenFrom } from '../release/managers.ts'
import type { Rendered } from '../render/render.ts'
import { waveOf } from '../render/waves.ts'
import { joinScopes, scopeOf, toolName } from '../set/apply-set.ts'
import { parentObject, type Account } from '../set/parent.ts'

export interface ApplyOptions extends Waiting {
  readonly client: KubeClient
  readonly installation: Pick<Installation, 'name' | 'package' | 'policy'>
  readonly rendered: Rendered
  readonly emit: Emit
  /** for objects to become ready; nothing does not wait */
  readonly waitMs?: number | undefined
  /** of Slipway, for the account */
  readonly toolVersion: string
}

/** As many requests at a time, all of one kind. */
const width = 8
/** Objects of the first wave have to work before the next ones can be applied. */
const firstWaveMs = 60_000
const goneMs = 60_000

/** @throws Failure: the first problem of the plan with all others, or what the server has against a step */
export async function applyPlan(plan: Plan, options: ApplyOptions): Promise<void> {
  if (plan.problems.length > 0) throw withOthers(plan.problems)
  const { client, rendered, emit, signal } = options
  const wanted = scopeOf(rendered.objects, rendered.namespace)
  const before = plan.account ?? emptyAccount(options)
  const widened = { ...before, scope: joinScopes(before.scope, wanted) }
  const parent = await writeParent(plan, plan.account, widened, options)
  for (const group of groupsOf(plan.steps)) {
    await applyGroup(group, options)
    if (waveOf(group[0]!.object) === 0)
      await waitUntilReady(
        client,
        group.map(({ object }) => object),
        { emit, timeoutMs: firstWaveMs, signal },
      )
  }
  const number = before.digest === rendered.digest ? before.revision : await keep(parent, options)
  const applied: Account = {
    ...emptyAccount(options),
    digest: rendered.digest,
    revision: number,
    scope: widened.scope,
  }
  await writeParent(plan, widened, applied, options)
  if (options.waitMs !== undefined)
    await waitUntilReady(
      client,
      plan.steps.map(({ object }) => object),
      { emit, timeoutMs: options.waitMs, signal },
    )
  const kept = await prune(plan, options)
  await writeParent(
    plan,
    applied,
    { ...applied, scope: joinScopes(scopeOf(kept, rendered.namespace), wanted) },
    options,
  )
}

async function keep(
  parent: ObjectId & { readonly uid: string },
  { client, installation, rendered, signal }: ApplyOptions,
): Promise<number> {
  const { name, policy, package: from } = installation
  const { digest, objects } = rendered
  const options = { name, parent, limit: policy.historyLimit, signal }
  return keepRevision(client, options, { package: from.name, version: from.version, digest, objects })
}

function emptyAccount({ installation }: ApplyOptions): Account {
  const { package: from, policy } = installation
  return {
    package: from.name,
    version: from.version,
    digest: '',
    revision: 0,
    deletionPolicy: policy.deletionPolicy,
    scope: { kinds: [], namespaces: [] },
  }
}

/** Written only if it says something else than before. */
async function writeParent(
  { parent }: Plan,
  before: Account | undefined,
  after: Account,
  { client, toolVersion, signal }: ApplyOptions,
): Promise<ObjectId & { readonly uid: string }> {
  const object = parentObject(parent, after, toolVersion)
  const isSame =
    before && JSON.stringify(parentObject(parent, before, toolVersion)) === JSON.stringify(object)
  const live = isSame ? await client.get(parent, { signal }) : undefined
  const written = live ?? (await client.apply(object, { fieldManager: toolName, force: true, signal }))
  return { ...parent, uid: written.metadata.uid ?? '' }
}

/** Steps of one kind can be done together; a kind waits for those before it. */
function groupsOf(steps: readonly Step[]): (readonly Step[])[] {
  return Object.values(Object.groupBy(steps, ({ object }) => `${waveOf(object)} ${object.kind}`)).filter(
    (group) => group !== undefined,
  )
}

async function applyGroup(steps: readonly Step[], options: ApplyOptions): Promise<void> {
  const slots = limit(width)
  const failures: Failure[] = []
  await all(steps, (step) =>
    slots(() =>
      applyStep(step, options).catch((error: unknown) => {
        if (!(error instanceof Failure)) throw error
        failures.push(error)
      }),
    ),
  )
  if (failures.length > 0) throw withOthers(failures)
}

async function applyStep(step: Step, options: ApplyOptions): Promise<void> {
  const { client, emit, signal } = options
  const { action, object, live, isForced } = step
  if (action === 'keep') return
  if (action === 'recreate' || live?.metadata.deletionTimestamp !== undefined)
    await removeFirst(step, options)
  const isNew = action === 'create' || action === 'recreate'
  // An object of the same name that was made in the meantime is another one.
  const meant = isNew ? object : { ...object, metadata: { ...object.metadata, uid: live?.metadata.uid } }
  const result = await client.apply(meant as KubeObject, { fieldManager: toolName, force: isForced, signal })
  if (isNew && hasOtherManagers(result)) await releaseForeign(result, client, signal)
  if (action === 'adopt') await takeFromKubectl(result, client, signal)
  emit({ kind: 'applied', object: idOf(object), action })
}

/** Once, so that a field that we stop to apply goes away. Somebody who writes at the same moment may keep it. */
async function takeFromKubectl(object: KubeObject, client: KubeClient, signal?: AbortSignal): Promise<void> {
  const entries = takenFrom(object, kubectlManagers)
  if (JSON.stringify(entries) === JSON.stringify(object.metadata.managedFields)) return
  await client
    .patch(
      idOf(object),
      [
        { op: 'test', path: '/metadata/resourceVersion', value: object.metadata.resourceVersion },
        { op: 'replace', path: '/metadata/managedFields', value: entries },
      ],
      { fieldManager: toolName, signal },
    )
    .catch((error: unknown) => {
      if (!(error instanceof ApiFailure) || !isStale(error)) throw error
    })
}

/** Somebody made it between our look and our apply: what we have set is given back. */
async function releaseForeign(object: KubeObject, client: KubeClient, signal?: AbortSignal): Promise<never> {
  const { apiVersion, kind, metadata } = object
  const { name, namespace } = metadata
  await client.apply({ apiVersion, kind, metadata: { name, namespace } }, { fieldManager: toolName, signal })
  throw new Failure(
    'OBJECT_NOT_OURS',
    `${formatObject(object)} was made by somebody else at the same moment`,
    {
      hint: 'look at it, and name it in adopt if it shall be part of the installation',
    },
  )
}

async function removeFirst({ object, live, action }: Step, { client, signal }: ApplyOptions): Promise<void> {
  const id = idOf(object)
  if (action === 'recreate')
    await client.delete(id, { uid: live?.metadata.uid, propagation: 'Foreground', signal })
  const deadline = performance.now() + goneMs
  while (await client.get(id, { signal })) {
    if (performance.now() > deadline)
      throw new Failure(
        'ROLLOUT_TIMEOUT',
        `${formatObject(object)} is still being deleted after ${goneMs / 1000} s`,
        {
          hint: `what holds it are its finalizers: ${(live?.metadata.finalizers ?? []).join(', ') || 'those of its dependents'}`,
        },
      )
    await sleep(200, undefined, { signal })
  }
}

/** Last applied, first deleted. Returns what stays. */
async function prune({ removals }: Plan, { client, emit, signal }: ApplyOptions): Promise<KubeObject[]> {
  const kept: KubeObject[] = []
  for (const { object, keptBecause } of removals.toSorted((a, b) => waveOf(b.object) - waveOf(a.object))) {
    if (keptBecause !== undefined) {
      kept.push(object)
      emit({ kind: 'kept', object: idOf(object), because: keptBecause })
      continue
    }
    const isGone = await deleteOurs(object, client, signal)
    if (isGone) emit({ kind: 'pruned', object: idOf(object) })
  }
  return kept
}

/** Not what somebody has made anew under the same name since we looked. */
async function deleteOurs(object: KubeObject, client: KubeClient, signal?: AbortSignal): Promise<boolean> {
  const { uid } = object.metadata
  try {
    await client.delete(idOf(object), { uid, propagation: 'Background', signal })
    return true
  } catch (error) {
    if (error instanceof ApiFailure && error.code === 'OBJECT_CHANGED') return false
    throw error
  }
}
