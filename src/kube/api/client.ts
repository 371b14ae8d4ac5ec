/** The API of Kubernetes as far as installing needs it: objects read, listed, applied, patched and deleted. */
import type { Waiting } from '../../base/index.ts'
import type { ClusterConnection } from '../config/connection.ts'
import { formatObject, idOf, type Kind, type KubeObject, type ObjectId } from '../object.ts'
import { loadKubeSchema } from '../schema/kube-schema.ts'
import { ApiFailure } from './api-failure.ts'
import { openRequests, type RequestsOptions } from './requests.ts'

/** How objects of a kind are addressed. */
export interface ApiResource {
  /** plural: `deployments` */
  readonly resource: string
  readonly isNamespaced: boolean
}

export interface ApplyOptions extends Waiting {
  /** who the fields belong to from now on */
  readonly fieldManager: string
  /** takes fields that belong to others; default false */
  readonly force?: boolean
  /** the server does everything but write; default false */
  readonly dryRun?: boolean
}

export interface DeleteOptions extends Waiting {
  /** nothing is deleted unless it is this very object */
  readonly uid?: string | undefined
  readonly resourceVersion?: string | undefined
  /** what becomes of its dependents; default: what the kind says */
  readonly propagation?: 'Foreground' | 'Background' | 'Orphan'
  readonly dryRun?: boolean
}

export interface ListOptions extends Waiting {
  /** default: all namespaces */
  readonly namespace?: string | undefined
  readonly labelSelector?: string
}

export type JsonPatch = readonly {
  readonly op: 'add' | 'remove' | 'replace' | 'test'
  readonly path: string
  readonly value?: unknown
}[]

/**
 * Each call may throw ApiFailure or Failure CLUSTER_UNREACHABLE | CLUSTER_UNAUTHORIZED | CLUSTER_FORBIDDEN | KIND_UNKNOWN,
 * or the signal's reason. What may pass (429, 5xx, a server that restarts) is tried again first.
 */
export interface KubeClient {
  readonly connection: ClusterConnection
  /** @throws ApiFailure KIND_UNKNOWN */
  readonly resourceOf: (kind: Kind, options?: Waiting) => Promise<ApiResource>
  /** nothing when there is none */
  readonly get: (id: ObjectId, options?: Waiting) => Promise<KubeObject | undefined>
  readonly list: (kind: Kind, options?: ListOptions) => Promise<KubeObject[]>
  /**
   * Server-side apply with strict field validation.
   * @throws ApiFailure FIELD_CONFLICT | OBJECT_INVALID | OBJECT_IMMUTABLE | OBJECT_CHANGED | NAMESPACE_MISSING
   */
  readonly apply: (object: KubeObject, options: ApplyOptions) => Promise<KubeObject>
  readonly patch: (
    id: ObjectId,
    patch: JsonPatch,
    options: Omit<ApplyOptions, 'force'>,
  ) => Promise<KubeObject>
  /** The whole object as it shall be. */
  readonly replace: (object: KubeObject, options: Omit<ApplyOptions, 'force'>) => Promise<KubeObject>
  /** Merges into the status, as controllers do. */
  readonly patchStatus: (
    id: ObjectId,
    status: object,
    options: Omit<ApplyOptions, 'force'>,
  ) => Promise<KubeObject>
  /** Whether it was there. @throws ApiFailure OBJECT_CHANGED when it is another one than was meant */
  readonly delete: (id: ObjectId, options?: DeleteOptions) => Promise<boolean>
  /** version of the server, such as `v1.37.2` */
  readonly version: (options?: Waiting) => Promise<string>
  readonly close: () => void
}

const pageSize = 500

export function openKubeClient(connection: ClusterConnection, options: RequestsOptions): KubeClient {
  const requests = openRequests(connection, options)
  const discovered = new Map<string, Promise<ReadonlyMap<string, ApiResource>>>()

  async function resourceOf(kind: Kind, { signal }: Waiting = {}): Promise<ApiResource> {
    const builtIn = (await loadKubeSchema()).find(kind)
    if (builtIn) return builtIn
    const { apiVersion } = kind
    const listing = discovered.get(apiVersion) ?? discover(apiVersion, signal)
    discovered.set(apiVersion, listing)
    const found = await listing.then(
      (resources) => resources.get(kind.kind),
      (error: unknown) => {
        discovered.delete(apiVersion)
        throw error
      },
    )
    if (found) return found
    // It may come with a CustomResourceDefinition that is applied later.
    discovered.delete(apiVersion)
    throw unknownKind(kind)
  }

  async function discover(apiVersion: string, signal: AbortSignal | undefined) {
    const doing = `look up ${apiVersion}`
    const answer = await requests
      .send({ method: 'GET', path: rootOf(apiVersion), doing, signal })
      .catch((error: unknown) => {
        if (error instanceof ApiFailure && error.status === 404) return {}
        throw error
      })
    const { resources = [] } = answer as {
      readonly resources?: readonly { name: string; kind: string; namespaced: boolean }[]
    }
    return new Map(
      resources
        .filter(({ name }) => !name.includes('/'))
        .map(({ name, kind, namespaced }) => [kind, { resource: name, isNamespaced: namespaced }]),
    )
  }

  async function pathOf(id: ObjectId, signal: AbortSignal | undefined): Promise<string> {
    const { resource, isNamespaced } = await resourceOf(id, { signal })
    const folder = isNamespaced ? `/namespaces/${encodeURIComponent(id.namespace ?? '')}` : ''
    return `${rootOf(id.apiVersion)}${folder}/${resource}/${encodeURIComponent(id.name)}`
  }

  async function listPages(path: string, query: URLSearchParams, kind: Kind, signal?: AbortSignal) {
    const items: KubeObject[] = []
    for (;;) {
      const doing = `list ${kind.kind} objects`
      const page = (await requests.send({
        method: 'GET',
        path: `${path}?${query.toString()}`,
        doing,
        signal,
      })) as {
        readonly items?: readonly KubeObject[]
        readonly metadata?: { readonly continue?: string }
      }
      // Items of lists do not name their kind.
      items.push(
        ...(page.items ?? []).map((item) => ({ ...item, apiVersion: kind.apiVersion, kind: kind.kind })),
      )
      const next = page.metadata?.continue
      if (!next) return items
      query.set('continue', next)
    }
  }

  return {
    connection,
    resourceOf,
    async get(id, { signal } = {}) {
      const doing = `read ${formatObject(id)}`
      try {
        return (await requests.send({
          method: 'GET',
          path: await pathOf(id, signal),
          doing,
          signal,
        })) as KubeObject
      } catch (error) {
        if (error instanceof ApiFailure && error.status === 404) return undefined
        throw error
      }
    },
    async list(kind, { namespace, labelSelector, signal } = {}) {
      const { resource, isNamespaced } = await resourceOf(kind, { signal })
      const folder =
        isNamespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
      const query = () =>
        new URLSearchParams({ limit: String(pageSize), ...(labelSelector && { labelSelector }) })
      const path = `${rootOf(kind.apiVersion)}${folder}/${resource}`
      return listPages(path, query(), kind, signal).catch((error: unknown) => {
        // The list has changed too much since its first page.
        if (error instanceof ApiFailure && error.status === 410) return listPages(path, query(), kind, signal)
        throw error
      })
    },
    async apply(object, { fieldManager, force = false, dryRun, signal }) {
      const query = new URLSearchParams({ fieldManager, force: String(force), fieldValidation: 'Strict' })
      if (dryRun) query.set('dryRun', 'All')
      return (await requests.send({
        method: 'PATCH',
        path: `${await pathOf(idOf(object), signal)}?${query.toString()}`,
        contentType: 'application/apply-patch+yaml',
        body: object,
        doing: `apply ${formatObject(object)}`,
        signal,
      })) as KubeObject
    },
    async patch(id, patch, { fieldManager, dryRun, signal }) {
      const query = new URLSearchParams({ fieldManager, ...(dryRun && { dryRun: 'All' }) })
      return (await requests.send({
        method: 'PATCH',
        path: `${await pathOf(id, signal)}?${query.toString()}`,
        contentType: 'application/json-patch+json',
        body: patch,
        doing: `change ${formatObject(id)}`,
        signal,
      })) as KubeObject
    },
    async replace(object, { fieldManager, dryRun, signal }) {
      const query = new URLSearchParams({ fieldManager, ...(dryRun && { dryRun: 'All' }) })
      return (await requests.send({
        method: 'PUT',
        path: `${await pathOf(idOf(object), signal)}?${query.toString()}`,
        body: object,
        doing: `replace ${formatObject(object)}`,
        signal,
      })) as KubeObject
    },
    async patchStatus(id, status, { fieldManager, dryRun, signal }) {
      const query = new URLSearchParams({ fieldManager, ...(dryRun && { dryRun: 'All' }) })
      return (await requests.send({
        method: 'PATCH',
        path: `${await pathOf(id, signal)}/status?${query.toString()}`,
        contentType: 'application/merge-patch+json',
        body: { status },
        doing: `change the status of ${formatObject(id)}`,
        signal,
      })) as KubeObject
    },
    async delete(id, { uid, resourceVersion, propagation, dryRun, signal } = {}) {
      try {
        await requests.send({
          method: 'DELETE',
          path: await pathOf(id, signal),
          doing: `delete ${formatObject(id)}`,
          body: {
            kind: 'DeleteOptions',
            apiVersion: 'v1',
            preconditions: { uid, resourceVersion },
            propagationPolicy: propagation,
            ...(dryRun && { dryRun: ['All'] }),
          },
          signal,
        })
        return true
      } catch (error) {
        if (error instanceof ApiFailure && error.status === 404) return false
        throw error
      }
    },
    async version({ signal } = {}) {
      const doing = 'ask for the version of the API server'
      const answer = await requests.send({ method: 'GET', path: '/version', doing, signal })
      return String((answer as { readonly gitVersion?: unknown }).gitVersion)
    },
    close: () => requests.close(),
  }
}

function rootOf(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
}

function unknownKind({ apiVersion, kind }: Kind): ApiFailure {
  return new ApiFailure('KIND_UNKNOWN', `the cluster has no kind ${kind} in ${apiVersion}`, {
    status: 404,
    isLasting: true,
    hint: 'it may come with a CustomResourceDefinition that is not installed',
  })
}
