/** Leaving: manifests of what is installed, and everything that made it ours is handed over to another manager. */
import { all, Failure, limit, type Waiting } from '../../base/index.ts'
import {
  ApiFailure,
  idOf,
  keyOf,
  type JsonPatch,
  type KubeClient,
  type KubeObject,
} from '../../kube/index.ts'
import type { Emit } from '../events.ts'
import { listRevisions } from '../history/history.ts'
import { compareObjects } from '../render/waves.ts'
import { parentId, partOfLabel, setIdOf, setOf, toolName } from '../set/apply-set.ts'
import { listMembers } from '../set/members.ts'
import { readParent } from '../set/parent.ts'
import { extractFields } from './field-sets.ts'
import { appliedFields, givenTo } from './managers.ts'

export interface EjectRequest {
  readonly client: KubeClient
  readonly name: string
  readonly namespace: string
  /** the manager that gets the fields: the one under which they will be applied from now on */
  readonly to: string
}

export interface Ejection {
  /** what was applied, in the order of its application; nothing of us in it */
  readonly manifests: readonly KubeObject[]
  /** objects that are still ours */
  readonly members: readonly KubeObject[]
}

/** Looks, and changes nothing. @throws Failure NOT_INSTALLED */
export async function prepareEjection(request: EjectRequest, { signal }: Waiting = {}): Promise<Ejection> {
  const { client, name, namespace, to } = request
  const parent = await client.get(parentId(name, namespace), { signal })
  if (!parent) throw notInstalled(name, namespace)
  const { scope } = readParent(parent)
  const id = setIdOf(parentId(name, namespace))
  const members = await listMembers(client, { id, namespace, scope }, { signal })
  // An ejection that was interrupted has let some of them go.
  const last = (await listRevisions(client, { name, namespace }, { signal })).at(-1)?.objects ?? []
  const known = new Set(members.map(keyOf))
  const released = await all(
    last.filter((object) => !known.has(keyOf(object))),
    (object) => client.get(idOf(object), { signal }),
  )
  const ejected = [
    ...members,
    ...released.filter((object) => object !== undefined && setOf(object) === undefined),
  ]
  const manifests = ejected.flatMap((object) => {
    const fields = object && appliedFields(object, to)
    return fields ? [withoutLabel(extractFields(object, fields))] : []
  })
  return { manifests: manifests.toSorted(compareObjects), members }
}

/** Hands everything over. Safe to run again after an interruption. */
export async function eject(
  { client, name, namespace, to }: EjectRequest,
  { members }: Ejection,
  { emit, signal }: Waiting & { readonly emit: Emit },
): Promise<void> {
  const slots = limit(8)
  await all(members, (member) =>
    slots(async () => {
      await release(client, member, to, signal)
      emit({ kind: 'released', object: idOf(member), to })
    }),
  )
  // Its revisions are its dependents.
  await client.delete(parentId(name, namespace), { propagation: 'Background', signal })
}

export function notInstalled(name: string, namespace: string): Failure {
  return new Failure('NOT_INSTALLED', `there is no installation ${name} in ${namespace}`, {
    hint: 'slipway operator status lists those that are there',
  })
}

const attempts = 5

/** Somebody may write at the same moment: then it is looked at anew. */
async function release(
  client: KubeClient,
  member: KubeObject,
  to: string,
  signal?: AbortSignal,
): Promise<void> {
  let live: KubeObject | undefined = member
  for (let attempt = 1; live && setOf(live) !== undefined; attempt++) {
    try {
      await client.patch(idOf(live), releasePatch(live, to), { fieldManager: toolName, signal })
      return
    } catch (error) {
      if (!(error instanceof ApiFailure) || !isStale(error) || attempt === attempts) throw error
      live = await client.get(idOf(live), { signal })
    }
  }
}

/** The first operation makes it fail for an object that has changed. */
function releasePatch(live: KubeObject, to: string): JsonPatch {
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: live.metadata.resourceVersion },
    { op: 'replace', path: '/metadata/managedFields', value: givenTo(live, to, partOfLabel) },
    { op: 'remove', path: `/metadata/labels/${partOfLabel.replaceAll('/', '~1')}` },
  ]
}

export function isStale({ status, code }: ApiFailure): boolean {
  return code === 'OBJECT_CHANGED' || status === 422
}

function withoutLabel(object: KubeObject): KubeObject {
  const { labels, ...metadata } = object.metadata
  const { [partOfLabel]: _label, ...rest } = labels ?? {}
  return { ...object, metadata: { ...metadata, ...(Object.keys(rest).length > 0 && { labels: rest }) } }
}
