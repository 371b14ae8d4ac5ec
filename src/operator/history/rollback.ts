/** An earlier revision as something that can be applied. */
import { all, Failure, type Waiting } from '../../base/index.ts'
import { asMap, formatObject, idOf, type KubeClient, type KubeObject } from '../../kube/index.ts'
import { defaultPolicy, type Installation } from '../installation/installation.ts'
import { notInstalled } from '../release/eject.ts'
import type { Rendered } from '../render/render.ts'
import { parentId } from '../set/apply-set.ts'
import { readParent } from '../set/parent.ts'
import { listRevisions, pickRevision } from './history.ts'

export interface RollbackRequest {
  readonly client: KubeClient
  readonly name: string
  readonly namespace: string
  /** default: the one before the last */
  readonly number?: number | undefined
}

export interface Rollback {
  readonly number: number
  readonly installation: Pick<Installation, 'name' | 'kind' | 'package' | 'policy'>
  readonly rendered: Rendered
}

/** @throws Failure NOT_INSTALLED | REVISION_NOT_FOUND */
export async function prepareRollback(request: RollbackRequest, { signal }: Waiting = {}): Promise<Rollback> {
  const { client, name, namespace } = request
  const parent = await client.get(parentId(name, namespace), { signal })
  if (!parent) throw notInstalled(name, namespace)
  const { deletionPolicy } = readParent(parent)
  const revision = pickRevision(await listRevisions(client, { name, namespace }, { signal }), request.number)
  const objects = await all(revision.objects, (object) => withSecret(client, object, signal))
  return {
    number: revision.number,
    installation: {
      name,
      kind: 'Installation',
      package: { name: revision.package, version: revision.version, source: undefined },
      policy: { ...defaultPolicy, deletionPolicy },
    },
    rendered: { namespace, objects, digest: revision.digest, warnings: [] },
  }
}

/** Values of Secrets are not in revisions: those that the cluster has are kept. */
async function withSecret(client: KubeClient, object: KubeObject, signal?: AbortSignal): Promise<KubeObject> {
  if (object.kind !== 'Secret') return object
  const live = await client.get(idOf(object), { signal })
  const values = asMap(live?.['data']) ?? {}
  const names = ['data', 'stringData'].flatMap((field) => Object.keys(asMap(object[field]) ?? {}))
  const missing = names.find((key) => values[key] === undefined)
  if (missing !== undefined)
    throw new Failure(
      'REVISION_NOT_FOUND',
      `${formatObject(object)} cannot be brought back: revisions do not keep the values of Secrets, and "${missing}" is not in the cluster`,
      { hint: 'apply the file of that time instead' },
    )
  const { stringData: _text, ...rest } = object
  return { ...rest, data: Object.fromEntries(names.map((key) => [key, values[key]])) } as KubeObject
}
