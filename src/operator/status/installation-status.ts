/** How an installation is: every object of it, and why one is not ready. */
import { all, limit, type Waiting } from '../../base/index.ts'
import { idOf, keyOf, valueAt, type KubeClient, type KubeObject, type ObjectId } from '../../kube/index.ts'
import { healthOf, type HealthStatus } from '../health/health.ts'
import { reasonsBelow } from '../health/wait.ts'
import { listRevisions } from '../history/history.ts'
import { notInstalled } from '../release/eject.ts'
import { compareObjects } from '../render/waves.ts'
import { idLabel, parentId, setIdOf } from '../set/apply-set.ts'
import { listMembers } from '../set/members.ts'
import { readParent } from '../set/parent.ts'

export interface ObjectStatus {
  readonly object: ObjectId
  readonly status: HealthStatus | 'Missing'
  /** empty when it is as it should be */
  readonly message: string
  /** what its pods say */
  readonly reasons: readonly string[]
}

export interface InstallationStatus {
  readonly name: string
  readonly namespace: string
  readonly package: string
  readonly version: string
  /** 0 when nothing has been applied with success */
  readonly revision: number
  readonly objects: readonly ObjectStatus[]
  readonly isReady: boolean
}

interface Where {
  readonly client: KubeClient
  readonly name: string
  readonly namespace: string
}

/** @throws Failure NOT_INSTALLED */
export async function statusOf(
  { client, name, namespace }: Where,
  { signal }: Waiting = {},
): Promise<InstallationStatus> {
  const id = parentId(name, namespace)
  const parent = await client.get(id, { signal })
  if (!parent) throw notInstalled(name, namespace)
  const account = readParent(parent)
  const [members, revisions] = await Promise.all([
    listMembers(client, { id: setIdOf(id), namespace, scope: account.scope }, { signal }),
    listRevisions(client, { name, namespace }, { signal }),
  ])
  const there = new Set(members.map(keyOf))
  const missing = (revisions.at(-1)?.objects ?? []).filter((object) => !there.has(keyOf(object)))
  const slots = limit(8)
  const sorted = [...members, ...missing].toSorted(compareObjects)
  const objects = await all(sorted, (object) =>
    slots(() =>
      there.has(keyOf(object))
        ? memberStatus(client, object, signal)
        : Promise.resolve({
            object: idOf(object),
            status: 'Missing' as const,
            message: 'it was applied and is not there, or not ours',
            reasons: [],
          }),
    ),
  )
  return {
    name,
    namespace,
    package: account.package,
    version: account.version,
    revision: account.revision,
    objects,
    isReady: account.revision > 0 && objects.every(({ status }) => status === 'Current'),
  }
}

async function memberStatus(
  client: KubeClient,
  object: KubeObject,
  signal?: AbortSignal,
): Promise<ObjectStatus> {
  const { status, message } = healthOf(object)
  const reasons = status === 'Current' ? [] : await reasonsBelow(client, object, signal)
  return { object: idOf(object), status, message, reasons }
}

export interface Installed {
  readonly name: string
  readonly namespace: string
  readonly package: string
  readonly version: string
  readonly revision: number
}

/** Installations of a namespace, or of all. */
export async function listInstalled(
  client: KubeClient,
  { namespace, signal }: Waiting & { readonly namespace?: string | undefined },
): Promise<Installed[]> {
  const parents = await client.list(
    { apiVersion: 'v1', kind: 'ConfigMap' },
    { namespace, labelSelector: idLabel, signal },
  )
  return parents
    .filter((parent) => valueAt(parent, 'metadata', 'labels', 'slipway.dev/installation') !== undefined)
    .map((parent) => {
      const { package: from, version, revision } = readParent(parent)
      const name = parent.metadata.labels?.['slipway.dev/installation'] ?? ''
      return { name, namespace: parent.metadata.namespace ?? '', package: from, version, revision }
    })
}
