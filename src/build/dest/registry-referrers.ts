/** Documents about images in registries: what is not listed there yet is sent, before any name moves. */
import { all, once } from '../../base/index.ts'
import { readContent, type Blob, type Descriptor, type Reference } from '../../oci/index.ts'
import type { Registry } from '../../registry/index.ts'
import type { Referrer } from '../attest/referrer.ts'
import type { DestinationOptions } from './destination.ts'

export interface ReferrerStageOptions extends DestinationOptions {
  readonly registry: (host: string) => Registry
}

/** Brings a blob into a repository; true when its bytes were sent for it. */
type PushBlob = (reference: Reference, blob: Blob) => Promise<boolean>

/** Sends documents into the repository of a reference, each once in a run, and returns the blobs that were new. */
export function newReferrerStage(
  options: ReferrerStageOptions,
): (reference: Reference, referrers: readonly Referrer[], pushBlob: PushBlob) => Promise<Descriptor[]> {
  const { signal, emit } = options
  const lists = once<string, readonly Descriptor[]>()
  const sent = once<string, Descriptor[]>()

  const send = async (
    reference: Reference,
    referrer: Referrer,
    pushBlob: PushBlob,
  ): Promise<Descriptor[]> => {
    const { registry: host, repository } = reference
    const registry = options.registry(host)
    const { subject, manifest, descriptor } = referrer
    const place = `${host}/${repository}`
    const report = (state: 'exists' | 'pushed') =>
      emit({
        kind: 'referrer',
        destination: place,
        subject: subject.digest,
        digest: descriptor.digest,
        artifactType: descriptor.artifactType ?? '',
        state,
      })
    const listed = await lists(`${place} ${subject.digest}`, () =>
      registry.listReferrers(repository, subject.digest, { signal }),
    )
    if (listed.some(({ digest }) => digest === descriptor.digest)) {
      report('exists')
      return []
    }
    const added: Descriptor[] = []
    await all(referrer.content, async (blob) => {
      if (await pushBlob(reference, blob)) added.push(blob.descriptor)
    })
    const bytes = await readContent(manifest.open)
    const document = { mediaType: manifest.descriptor.mediaType, bytes }
    await registry.pushReferrer(
      repository,
      { subject: subject.digest, manifest: document, descriptor },
      { signal },
    )
    report('pushed')
    return [...added, manifest.descriptor]
  }
  return async (reference, referrers, pushBlob) => {
    const added = await all(referrers, (referrer) =>
      sent(`${reference.registry}/${reference.repository} ${referrer.descriptor.digest}`, () =>
        send(reference, referrer, pushBlob),
      ),
    )
    return added.flat()
  }
}
