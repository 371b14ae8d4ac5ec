/** The ConfigMap that stands for an installation in the cluster: what is installed, and where its objects may be. */
import { Failure } from '../../base/index.ts'
import { asMap, groupKind, type Kind, type KubeObject, type ObjectId } from '../../kube/index.ts'
import {
  idLabel,
  kindsAnnotation,
  namespacesAnnotation,
  setIdOf,
  toolingAnnotation,
  toolName,
  type Scope,
} from './apply-set.ts'

/** What is kept of an installation besides its objects. */
export interface Account {
  readonly package: string
  readonly version: string
  /** of what was applied last, all of it with success; empty before */
  readonly digest: string
  /** number of the last revision; 0 before */
  readonly revision: number
  readonly deletionPolicy: 'delete' | 'orphan'
  readonly scope: Scope
}

export function parentObject(id: ObjectId, account: Account, toolVersion: string): KubeObject {
  const { scope } = account
  return {
    apiVersion: id.apiVersion,
    kind: id.kind,
    metadata: {
      name: id.name,
      namespace: id.namespace,
      labels: { [idLabel]: setIdOf(id), 'slipway.dev/installation': installationName(id) },
      annotations: {
        [toolingAnnotation]: `${toolName}/v${toolVersion}`,
        [kindsAnnotation]: scope.kinds.map(groupKind).join(','),
        [namespacesAnnotation]: scope.namespaces.join(','),
      },
    },
    data: {
      package: account.package,
      version: account.version,
      digest: account.digest,
      revision: String(account.revision),
      deletionPolicy: account.deletionPolicy,
      kinds: scope.kinds.map(({ apiVersion, kind }) => `${apiVersion}/${kind}`).join(' '),
    },
  }
}

/** @throws Failure OBJECT_NOT_OURS when something else has this name */
export function readParent(object: KubeObject): Account {
  const { labels = {}, annotations = {}, name, namespace } = object.metadata
  const tooling = annotations[toolingAnnotation]
  const id = { apiVersion: object.apiVersion, kind: object.kind, namespace, name }
  const isOurs = tooling?.startsWith(`${toolName}/`) && labels[idLabel] === setIdOf(id)
  if (!isOurs)
    throw new Failure(
      'OBJECT_NOT_OURS',
      `ConfigMap ${namespace}/${name} is there already and ${tooling === undefined ? 'is not of an installation' : `belongs to ${tooling}`}`,
      { hint: 'give the installation another name' },
    )
  const data = asMap(object['data']) ?? {}
  const text = (key: string) => (typeof data[key] === 'string' ? data[key] : '')
  const namespaces = (annotations[namespacesAnnotation] ?? '').split(',').filter((part) => part !== '')
  return {
    package: text('package'),
    version: text('version'),
    digest: text('digest'),
    revision: Number(text('revision')) || 0,
    deletionPolicy: text('deletionPolicy') === 'orphan' ? 'orphan' : 'delete',
    scope: { kinds: text('kinds').split(' ').filter(Boolean).map(parseKind), namespaces },
  }
}

function installationName({ name }: ObjectId): string {
  return name.replace(/^slipway-/, '')
}

function parseKind(text: string): Kind {
  const slash = text.lastIndexOf('/')
  return { apiVersion: text.slice(0, slash), kind: text.slice(slash + 1) }
}
