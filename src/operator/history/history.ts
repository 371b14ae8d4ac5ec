/** The revisions of an installation in the cluster. */
import { all, Failure, type Waiting } from '../../base/index.ts'
import { idOf, type KubeClient, type ObjectId } from '../../kube/index.ts'
import { toolName } from '../set/apply-set.ts'
import { installationLabel, readRevision, revisionKind, revisionObject, type Revision } from './revision.ts'

/** Oldest first. */
export async function listRevisions(
  client: KubeClient,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  { signal }: Waiting = {},
): Promise<Revision[]> {
  const labelSelector = `${installationLabel}=${name}`
  const objects = await client.list(revisionKind, { namespace, labelSelector, signal })
  return objects.map(readRevision).toSorted((a, b) => a.number - b.number)
}

/** Keeps a revision, and lets the oldest go when there are more than `limit`. */
export async function keepRevision(
  client: KubeClient,
  {
    name,
    parent,
    limit,
  }: { readonly name: string; readonly parent: ObjectId & { readonly uid: string }; readonly limit: number },
  revision: Revision,
  { signal }: Waiting = {},
): Promise<void> {
  await client.apply(revisionObject(name, revision, parent), { fieldManager: toolName, force: true, signal })
  const namespace = parent.namespace ?? ''
  const labelSelector = `${installationLabel}=${name}`
  const kept = await client.list(revisionKind, { namespace, labelSelector, signal })
  const old = kept.toSorted((a, b) => Number(b['revision']) - Number(a['revision'])).slice(limit)
  await all(old, (object) => client.delete(idOf(object), { uid: object.metadata.uid, signal }))
}

/** The one with this number, or without one that before the last. @throws Failure REVISION_NOT_FOUND */
export function pickRevision(revisions: readonly Revision[], number: number | undefined): Revision {
  const found = number === undefined ? revisions.at(-2) : revisions.find((one) => one.number === number)
  if (found) return found
  throw new Failure(
    'REVISION_NOT_FOUND',
    number === undefined ? 'there is no revision before the last one' : `there is no revision ${number}`,
    {
      hint: revisions.length === 0 ? undefined : `there is ${revisions.map((one) => one.number).join(', ')}`,
    },
  )
}
