/** Where an upload goes on: the Location header of a session (distribution-spec "Pushing blobs"). */
import { Failure } from '../base/index.ts'
import type { Digest } from '../oci/index.ts'

/**
 * The address of an upload session: relative or absolute, on this or another host, its query kept as it is.
 * A registry that does not know of the TLS in front of it names its own host with `http:`; that stays `https:`.
 * @throws Failure REGISTRY_REFUSED when there is none
 */
export function sessionLocation(location: string | undefined, asked: URL): string {
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
  if (asked.protocol === 'https:' && url.hostname === asked.hostname && url.port === '') {
    url.protocol = 'https:'
    url.port = asked.port
  }
  return url.href
}

/** The address that commits: the session's, or the one that opens sessions, with the digest appended. */
export function commitLocation(session: string, digest: Digest): string {
  const hash = session.indexOf('#')
  const address = hash < 0 ? session : session.slice(0, hash)
  // Not through searchParams: they would write the rest of the query anew, and session states are signed as text.
  const separator = address.includes('?') ? (address.endsWith('?') ? '' : '&') : '?'
  return `${address}${separator}digest=${encodeURIComponent(digest)}`
}
