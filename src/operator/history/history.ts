/** The revisions of an installation in the cluster. */
import { all, Failure, type Waiting } from '../../base/index.ts'
import { type KubeClient, type ObjectId } from '../../kube/index.ts'
import { toolName } from '../set/apply-set.ts'
import {
  installationLabel,
  readRevision,
  revisionId,
  revisionKind,
  revisionObject,
  type Revision,
} from './revision.ts'

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

export interface KeepOptions extends Waiting {
  /** of the installation */
  readonly name: string
  readonly parent: ObjectId & { readonly uid: string }
  /** the oldest go when there are more */
  readonly limit: number
}

/**
 * Keeps what was applied and returns its number: one more than that of the last, or that of the last when it is the same,
 * as after an interruption. Revisions never change.
 */
export async function keepRevision(
  client: KubeClient,
  { name, parent, limit, signal }: KeepOptions,
  applied: Omit<Revision, 'number'>,
): Promise<number> {
  const known = await listRevisions(client, { name, namespace: parent.namespace ?? '' }, { signal })
  const last = known.at(-1)
  if (last?.digest === applied.digest) return last.number
  const revision = { ...applied, number: (last?.number ?? 0) + 1 }
  await client.apply(revisionObject(name, revision, parent), { fieldManager: toolName, signal })
  const old = known.slice(0, Math.max(0, known.length + 1 - limit))
  await all(old, ({ number }) => client.delete(revisionId(parent, number), { signal }))
  return revision.number
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
