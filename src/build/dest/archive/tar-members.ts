/**
 * A tar of files that are blobs or documents, with headers that are the same on every machine. Its size is known before
 * a byte is read, and content is opened when its turn comes.
 */
import { createHash } from 'node:crypto'
import { Failure, type Waiting } from '../../../base/index.ts'
import { headerBytes, paddingOf, tarEndSize, type Entry } from '../../../layer/index.ts'
import { digestAlgorithm, type Blob } from '../../../oci/index.ts'

export interface TarMember {
  /** without leading or trailing "/" */
  readonly path: string
  /** nothing for a directory */
  readonly blob: Blob | undefined
  /** the reader of the tar does not prove the content, so we do; default false */
  readonly isUnproven?: boolean
}

export interface TarOptions extends Waiting {
  /** told when the bytes of a member begin and when they are all taken */
  readonly onMember?: (member: TarMember, state: 'started' | 'finished') => void
}

/** Bytes of the members and, unless more are to follow, the end of the tar. */
export function tarSize(members: readonly TarMember[]): number {
  return members.reduce((sum, member) => sum + memberSize(member), tarEndSize)
}

/**
 * The members, without the end of the tar.
 * @throws Failure CONTENT_MISMATCH when content has not the size (or, where it is looked at, the digest) it should have
 */
export async function* memberBytes(
  members: readonly TarMember[],
  { signal, onMember }: TarOptions = {},
): AsyncGenerator<Uint8Array> {
  for (const member of members) {
    signal?.throwIfAborted()
    onMember?.(member, 'started')
    yield headerBytes(entryOf(member))
    if (member.blob) yield* checkedContent(member.blob, member.isUnproven ?? false, signal)
    const padding = paddingOf(member.blob?.descriptor.size ?? 0)
    if (padding > 0) yield zeros.subarray(0, padding)
    onMember?.(member, 'finished')
  }
}

const zeros = new Uint8Array(tarEndSize)

/** A whole tar. */
export async function* tarBytes(
  members: readonly TarMember[],
  options: TarOptions = {},
): AsyncGenerator<Uint8Array> {
  yield* memberBytes(members, options)
  yield zeros
}

async function* checkedContent(
  blob: Blob,
  isUnproven: boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const { digest, size } = blob.descriptor
  const hash = isUnproven ? createHash(digestAlgorithm(digest)) : undefined
  let taken = 0
  for await (const chunk of blob.open({ signal })) {
    taken += chunk.length
    // More than the header says would be read as the next member.
    if (taken > size) break
    hash?.update(chunk)
    yield chunk
  }
  const found = hash ? `${digestAlgorithm(digest)}:${hash.digest('hex')}` : digest
  if (taken === size && found === digest) return
  throw new Failure(
    'CONTENT_MISMATCH',
    `content does not fit its descriptor: expected ${digest} of ${size} bytes, got ${found} of ${taken} bytes`,
  )
}

function memberSize({ blob, path }: TarMember): number {
  const size = blob?.descriptor.size ?? 0
  return headerBytes(entryOf({ path, blob })).length + size + paddingOf(size)
}

function entryOf({ path, blob }: TarMember): Entry {
  return {
    path,
    type: blob ? 'file' : 'directory',
    mode: blob ? 0o444 : 0o755,
    uid: 0,
    gid: 0,
    mtime: 0,
    size: blob?.descriptor.size ?? 0,
  }
}
