/** Where an upload goes on: the Location header of a session (distribution-spec "Pushing blobs"). */
import { Failure } from '../base/index.ts'
import type { Digest } from '../oci/index.ts'

/**
 * The address to PUT to: relative or absolute, on this or another host, its query kept and the digest appended.
 * @throws Failure REGISTRY_REFUSED when there is none
 */
export function uploadLocation(location: string | undefined, asked: URL, digest: Digest): string {
  if (location === undefined || !URL.canParse(location, asked.href)) {
    throw new Failure(
      'REGISTRY_REFUSED',
      `the registry opened an upload session but gave no usable Location for it`,
    )
  }
  const url = new URL(location, asked.href)
  if (!/^https?:$/.test(url.protocol)) {
    throw new Failure(
      'REGISTRY_REFUSED',
      `the registry gave a Location that is no http address: ${url.protocol}`,
    )
  }
  // Not through searchParams: they would write the rest of the query anew, and session states are signed as text.
  url.search = `${url.search === '' ? '?' : `${url.search}&`}digest=${encodeURIComponent(digest)}`
  return url.href
}
