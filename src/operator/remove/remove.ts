/** Deleting an installation: from what the cluster says belongs to it, so that it works without its package. */
import { type Waiting } from '../../base/index.ts'
import { ApiFailure, idOf, type KubeClient, type KubeObject } from '../../kube/index.ts'
import type { Emit } from '../events.ts'
import { defaultPolicy } from '../installation/installation.ts'
import { planRemoval } from '../plan/make-plan.ts'
import { eject, notInstalled } from '../release/eject.ts'
import { waveOf } from '../render/waves.ts'
import { parentId, setIdOf } from '../set/apply-set.ts'
import { listMembers } from '../set/members.ts'
import { readParent } from '../set/parent.ts'

export interface RemoveRequest extends Waiting {
  readonly client: KubeClient
  readonly name: string
  readonly namespace: string
  /** default: what the installation says */
  readonly policy?: 'delete' | 'orphan' | undefined
  /** Namespaces, CustomResourceDefinitions and PersistentVolumeClaims too; default false */
  readonly takesProtected?: boolean | undefined
  readonly emit: Emit
}

/** Members last to be applied go first; the account goes last, so that it can be run again. @throws Failure NOT_INSTALLED */
export async function removeInstallation(request: RemoveRequest): Promise<void> {
  const { client, name, namespace, emit, signal } = request
  const parent = await client.get(parentId(name, namespace), { signal })
  if (!parent) throw notInstalled(name, namespace)
  const { scope, deletionPolicy } = readParent(parent)
  const id = setIdOf(parentId(name, namespace))
  const members = await listMembers(client, { id, namespace, scope }, { signal })
  if ((request.policy ?? deletionPolicy) === 'orphan') {
    const to = 'kubectl'
    await eject({ client, name, namespace, to }, { manifests: [], members }, { emit, signal })
    return
  }
  const kept: KubeObject[] = []
  for (const member of members.toSorted((a, b) => waveOf(b) - waveOf(a))) {
    const deleteProtected = request.takesProtected ? [{ kind: member.kind }] : []
    const { keptBecause } = planRemoval(member, { policy: { ...defaultPolicy, deleteProtected } })
    if (keptBecause !== undefined) {
      kept.push(member)
      emit({ kind: 'kept', object: idOf(member), because: keptBecause })
    } else {
      await client
        .delete(idOf(member), { uid: member.metadata.uid, propagation: 'Background', signal })
        .catch((error: unknown) => {
          if (!(error instanceof ApiFailure) || error.code !== 'OBJECT_CHANGED') throw error
        })
      emit({ kind: 'pruned', object: idOf(member) })
    }
  }
  // What stays belongs to whoever deletes the rest.
  await eject({ client, name, namespace, to: 'kubectl' }, { manifests: [], members: kept }, { emit, signal })
}
