/** What was applied, kept in the cluster so that it can be gone back to: one ControllerRevision (apps/v1) each. */
import { gunzipSync, gzipSync } from 'node:zlib'
import { Failure } from '../../base/index.ts'
import { valueAt, type KubeObject, type ObjectId } from '../../kube/index.ts'

export interface Revision {
  /** 1 for the first */
  readonly number: number
  readonly package: string
  readonly version: string
  readonly digest: string
  readonly objects: readonly KubeObject[]
}

export const revisionKind = { apiVersion: 'apps/v1', kind: 'ControllerRevision' }
export const installationLabel = 'slipway.dev/installation'

/** Values of Secrets are not kept: everybody who may read revisions could read them. */
const withheld = '(not kept)'

export function revisionId({ name, namespace }: ObjectId, number: number): ObjectId {
  return { ...revisionKind, namespace, name: `${name}-${number}` }
}

export function revisionObject(
  name: string,
  { number, objects, ...facts }: Revision,
  parent: ObjectId & { readonly uid: string },
): KubeObject {
  const packed = gzipSync(JSON.stringify(objects.map(withoutSecrets)), { level: 9 }).toString('base64')
  return {
    ...revisionKind,
    metadata: {
      name: revisionId(parent, number).name,
      namespace: parent.namespace,
      labels: { [installationLabel]: name },
      // Goes away with the installation.
      ownerReferences: [
        { apiVersion: parent.apiVersion, kind: parent.kind, name: parent.name, uid: parent.uid },
      ],
    },
    revision: number,
    data: { ...facts, objects: packed },
  }
}

/** @throws Failure REVISION_NOT_FOUND when it is not one of ours */
export function readRevision(object: KubeObject): Revision {
  const text = (field: string) => {
    const value = valueAt(object, 'data', field)
    if (typeof value === 'string') return value
    throw new Failure(
      'REVISION_NOT_FOUND',
      `ControllerRevision ${object.metadata.name} is not one of an installation`,
    )
  }
  const objects = JSON.parse(gunzipSync(Buffer.from(text('objects'), 'base64')).toString()) as KubeObject[]
  return {
    number: Number(object['revision']),
    package: text('package'),
    version: text('version'),
    digest: text('digest'),
    objects,
  }
}

function withoutSecrets(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret') return object
  const cover = (field: string) => {
    const values = object[field]
    if (typeof values !== 'object' || values === null) return {}
    return { [field]: Object.fromEntries(Object.keys(values).map((key) => [key, withheld])) }
  }
  return { ...object, ...cover('data'), ...cover('stringData') }
}
