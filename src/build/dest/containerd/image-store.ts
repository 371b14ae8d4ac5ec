/** Content and names of one namespace of a containerd, for one run: everything it brings is kept by one lease. */
import { randomUUID } from 'node:crypto'
import type { Tally, Waiting } from '../../../base/index.ts'
import type { Blob, Descriptor } from '../../../oci/index.ts'
import { isAlreadyExists, openContainerd, type ClientOptions } from './client.ts'
import { daemonFailure } from './daemon-failure.ts'
import { methods, type Labels } from './protocol.ts'
import { sendBlob } from './send-blob.ts'

export interface ImageStore {
  /** names of all namespaces there are */
  namespaces(): Promise<readonly string[]>
  /** Puts a blob in place. The labels are added to those it has, also when it was there. */
  put(blob: Blob, options?: PutOptions): Promise<'exists' | 'mounted' | 'uploaded'>
  /** Points a name at an image that is in place. */
  name(name: string, target: Descriptor): Promise<void>
  /** Gives up the lease; `collect` waits until what nothing refers to is gone. */
  release(options: { readonly collect: boolean }): Promise<void>
  close(): void
}

export interface PutOptions {
  readonly labels?: Labels
  readonly onStart?: () => void
}

export interface ImageStoreOptions extends ClientOptions {
  readonly tally: Tally
}

/** How long containerd keeps the lease of a run that was killed; what its own client asks for. */
const leaseHours = 24

/** Every operation fails with a Failure: STORE_UNREACHABLE, STORE_REFUSED, NO_SPACE or CONTENT_MISMATCH. */
export async function openImageStore(options: ImageStoreOptions): Promise<ImageStore> {
  const { signal, tally, socket } = options
  const client = await openContainerd(options)
  let lease: Promise<string> | undefined
  const takeLease = () => (lease ??= createLease())
  const createLease = async (): Promise<string> => {
    const expiry = new Date(Date.now() + leaseHours * 3_600_000).toISOString().replace(/\.\d+/, '')
    const id = `slipway-${randomUUID()}`
    await client.call(methods.createLease, { id, labels: { 'containerd.io/gc.expire': expiry } }, { signal })
    return id
  }
  const told = async <T>(action: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw daemonFailure(`${action} containerd at ${socket}`, error)
    }
  }
  const addLabels = async (digest: string, labels: Labels, waiting: Waiting & { lease: string }) => {
    const paths = Object.keys(labels).map((name) => `labels.${name}`)
    if (paths.length === 0) return
    await client.call(methods.updateContent, { info: { digest, labels }, updateMask: { paths } }, waiting)
  }
  return {
    namespaces: () =>
      told('list the namespaces of', async () => {
        const { namespaces = [] } = await client.call(methods.listNamespaces, {}, { signal })
        return namespaces.map(({ name }) => name)
      }),
    put: (blob, { labels = {}, onStart } = {}) =>
      told(`put ${blob.descriptor.digest} into`, async () => {
        const waiting = { lease: await takeLease(), signal }
        const state = await sendBlob(client, blob, { ...waiting, labels, tally, ...(onStart && { onStart }) })
        if (state === 'exists') await addLabels(blob.descriptor.digest, labels, waiting)
        return state
      }),
    name: (name, { mediaType, digest, size }) =>
      told(`name ${name} in`, async () => {
        const image = { name, target: { mediaType, digest, size } }
        const waiting = { lease: await takeLease() }
        try {
          await client.call(methods.createImage, { image }, waiting)
        } catch (error) {
          if (!isAlreadyExists(error)) throw error
          await client.call(methods.updateImage, { image, updateMask: { paths: ['target'] } }, waiting)
        }
      }),
    release: ({ collect }) =>
      told('give up the lease in', async () => {
        const id = await lease
        lease = undefined
        if (id !== undefined) await client.call(methods.deleteLease, { id, sync: collect })
      }),
    close: () => client.close(),
  }
}
