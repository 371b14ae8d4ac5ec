/** One registry for one run: everything that asks it shares sockets, tokens, limits and what was learned about it. */
import type { Tally, Waiting } from '../base/index.ts'
import { systemClock, type Clock, type HttpClientOptions } from '../http/index.ts'
import type { Blob, Descriptor, Digest, Opener, UnnamedBlob } from '../oci/index.ts'
import type { CredentialSource } from './credentials.ts'
import type { RegistryEvent } from './events.ts'
import { learnHabits, type HabitsStore } from './habits.ts'
import type { HostSettingsSource } from './host-settings.ts'
import { getManifest, headManifest, type FetchedManifest, type HeadOptions } from './manifests.ts'
import { hasBlob, openBlob } from './pull-blob.ts'
import { pushBlob, type PushBlobOptions, type PushedBlob } from './push-blob.ts'
import { pushManifest, type NewManifest, type PushedManifest } from './push-manifest.ts'
import { newReferrers, type NewReferrer } from './referrers.ts'
import { sharing } from './share.ts'
import { streamBlob, type StreamedBlob, type StreamOptions } from './stream-blob.ts'
import { isUnused } from './unused.ts'
import { openWire, type Timeouts } from './wire.ts'

export interface RegistryOptions extends Waiting {
  /** counts requests by purpose and bytes sent; default: not counted */
  readonly tally?: Tally | undefined
  /** progress of uploads and retries; default: nobody listens */
  readonly emit?: ((event: RegistryEvent) => void) | undefined
  /** asked once, after the first challenge; default: anonymous */
  readonly credentials?: CredentialSource | undefined
  /** certificates, proxies and what else is set up for the host, read before the first request; default: nothing is */
  readonly settings?: HostSettingsSource | undefined
  /** uploads at the same time, default 8 */
  readonly uploads?: number | undefined
  /** other requests at the same time, default 16 */
  readonly requests?: number | undefined
  /** attempts for each operation, default 5 */
  readonly attempts?: number | undefined
  /** where it is kept between runs what the host takes; default: nowhere */
  readonly habits?: HabitsStore | undefined
  /** default: the machine's */
  readonly clock?: Clock | undefined
  /** default: those of the HTTP client; five minutes for a commit */
  readonly timeouts?: Timeouts | undefined
  /** how near an address is, for tests; default: by the ranges of addresses */
  readonly reachOf?: HttpClientOptions['reachOf']
}

/**
 * Every method rejects with a RegistryFailure REGISTRY_UNREACHABLE | REGISTRY_UNAUTHORIZED | REGISTRY_REFUSED |
 * CONTENT_MISMATCH, or with the reason of a signal. Repositories, tags and digests are taken to be well formed.
 */
export interface Registry {
  /** as references write it, such as `docker.io` */
  readonly host: string
  /** What a tag or digest names; nothing when it is not there (404). */
  readonly headManifest: (
    repository: string,
    tagOrDigest: string,
    options?: HeadOptions,
  ) => Promise<Descriptor | undefined>
  /** A manifest or index of at most 4 MiB, its digest verified; nothing when it is not there (404). */
  readonly getManifest: (
    repository: string,
    tagOrDigest: string,
    options?: Waiting,
  ) => Promise<FetchedManifest | undefined>
  /** Whether the repository has the blob. */
  readonly hasBlob: (repository: string, digest: Digest, options?: Waiting) => Promise<boolean>
  /**
   * Content that is read from the registry with each pass; asks nothing before that. A pass over all bytes verifies
   * size and digest (CONTENT_MISMATCH at its end); a broken connection is resumed; redirects get no credentials.
   */
  readonly openBlob: (repository: string, descriptor: Descriptor) => Opener
  /**
   * Brings a blob into the repository: nothing to do if it is there, else mounted, else uploaded, in one request where
   * the host takes that, in chunks where it refuses the size, and always with Content-Length.
   * The blob is opened anew for each attempt. The same digest pushed twice at once is uploaded once.
   * Errors of the blob's own source pass as they are.
   */
  readonly pushBlob: (repository: string, blob: Blob, options?: PushBlobOptions) => Promise<PushedBlob>
  /**
   * Sends content whose digest is not known yet, in one pass: a session, all bytes in one chunk, and the digest last.
   * One attempt: whatever goes wrong on the way is `failed`, leaves nothing behind, and is for `pushBlob` to mend.
   * Errors of the content's own source pass as they are.
   */
  readonly streamBlob: (
    repository: string,
    content: UnnamedBlob,
    options?: StreamOptions,
  ) => Promise<StreamedBlob>
  /** Whether the registry says that the repository is not there, or has no tag. Asks once; false when it does not say. */
  readonly isUnused: (repository: string, options?: Waiting) => Promise<boolean>
  /**
   * Writes a manifest or index under a tag or its digest, and checks the digest that the registry reports.
   * An immutable tag that names the same bytes already is no error.
   */
  readonly pushManifest: (
    repository: string,
    tagOrDigest: string,
    manifest: NewManifest,
    options?: Waiting,
  ) => Promise<PushedManifest>
  /** Manifests whose subject has the digest; empty when there are none, or no such subject. */
  readonly listReferrers: (
    repository: string,
    subject: Digest,
    options?: Waiting,
  ) => Promise<readonly Descriptor[]>
  /**
   * Writes a manifest that has a subject, and sees to it that it is listed: by the registry itself, else in the index
   * under the tag that distribution-spec names for registries without a list of their own.
   */
  readonly pushReferrer: (repository: string, referrer: NewReferrer, options?: Waiting) => Promise<void>
  /** Ends all connections, also those in use, and keeps what was learned about the host. */
  readonly close: () => Promise<void>
}

const defaults = { uploads: 8, requests: 16 }

/** A client for one host; make one per host and run. Asks nothing before its first method is called. */
export function openRegistry(host: string, options: RegistryOptions = {}): Registry {
  const { uploads = defaults.uploads, requests = defaults.requests, clock = systemClock } = options
  const wire = openWire(host, { ...options, clock, requests, uploads })
  const habits = learnHabits(host, { store: options.habits, now: clock.now })
  const context = { wire, habits }
  const pushing = sharing<PushedBlob>()
  const referrers = newReferrers(wire)
  return {
    host,
    headManifest: (repository, tagOrDigest, waiting) =>
      headManifest(wire, { repository, tagOrDigest }, waiting),
    getManifest: (repository, tagOrDigest, waiting) =>
      getManifest(wire, { repository, tagOrDigest }, waiting),
    hasBlob: (repository, digest, waiting) => hasBlob(wire, repository, digest, waiting),
    openBlob: (repository, descriptor) => openBlob(wire, repository, descriptor),
    pushBlob: (repository, blob, pushOptions = {}) =>
      pushing(
        `${repository}@${blob.descriptor.digest}`,
        (signal) => pushBlob(context, repository, blob, { ...pushOptions, signal }),
        { signal: pushOptions.signal },
      ),
    streamBlob: (repository, content, waiting = {}) => streamBlob(context, repository, content, waiting),
    isUnused: (repository, waiting = {}) => isUnused(wire, repository, waiting),
    pushManifest: (repository, tagOrDigest, manifest, waiting) =>
      pushManifest(wire, { repository, tagOrDigest }, manifest, waiting),
    listReferrers: (repository, subject, waiting) => referrers.list(repository, subject, waiting),
    pushReferrer: (repository, referrer, waiting) => referrers.push(repository, referrer, waiting),
    async close() {
      wire.close()
      await habits.save()
    },
  }
}
