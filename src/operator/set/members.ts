/** Objects of a set as the cluster has them. */
import { all, limit, type Waiting } from '../../base/index.ts'
import { ApiFailure, type Kind, type KubeClient, type KubeObject } from '../../kube/index.ts'
import { partOfLabel, type Scope } from './apply-set.ts'

/** As many requests at a time. */
const width = 8

/** Everything with the label of the set, in the namespaces and kinds of the scope. */
export async function listMembers(
  client: KubeClient,
  set: { readonly id: string; readonly namespace: string; readonly scope: Scope },
  { signal }: Waiting = {},
): Promise<KubeObject[]> {
  const { id, scope, namespace } = set
  const labelSelector = `${partOfLabel}=${id}`
  const slots = limit(width)
  const listKind = async (kind: Kind): Promise<KubeObject[]> => {
    const resource = await client.resourceOf(kind, { signal }).catch((error: unknown) => {
      // Its CustomResourceDefinition is gone, and so are all objects of the kind.
      if (error instanceof ApiFailure && error.code === 'KIND_UNKNOWN') return undefined
      throw error
    })
    if (!resource) return []
    const places = resource.isNamespaced ? [namespace, ...scope.namespaces] : [undefined]
    const found = await Promise.all(
      places.map((place) => client.list(kind, { namespace: place, labelSelector, signal })),
    )
    return found.flat()
  }
  return (await all(scope.kinds, (kind) => slots(() => listKind(kind)))).flat()
}
