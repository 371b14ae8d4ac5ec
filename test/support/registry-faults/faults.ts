/** A script of faults: what happens instead of the right answer, to which requests, how often. */
import type { IncomingMessage } from 'node:http'

/** What happens instead of the right answer, to requests that match, so many times. */
export interface Fault {
  /** such as `PUT upload`; see `purposeOf` */
  readonly on: Purpose
  /** default 1 */
  readonly times?: number
  /** matching requests that are let through before, default 0 */
  readonly after?: number
  readonly act: FaultAction
}

export type FaultAction =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly headers?: Record<string, string>
      readonly body?: string
    }
  /** the connection is reset, after so many bytes of the request's body (default 0) */
  | { readonly kind: 'drop'; readonly afterBytes?: number }
  /** the right thing is done, and the connection reset instead of an answer */
  | { readonly kind: 'hang-up' }
  /** the right thing is done, and this status given instead of the right answer */
  | { readonly kind: 'deny'; readonly status: number }
  /** the body is read but no answer is given */
  | { readonly kind: 'stall' }
  /** the right answer with a broken connection after so many bytes of its body */
  | { readonly kind: 'truncate'; readonly bytes: number }
  /** the right answer with other headers; an empty value removes one */
  | { readonly kind: 'headers'; readonly headers: Record<string, string> }
  /** the right answer to a request without a Range */
  | { readonly kind: 'ignore-range' }
  /** the right answer with its body's first byte changed */
  | { readonly kind: 'corrupt' }
  /** all upload sessions are forgotten before the right answer */
  | { readonly kind: 'forget-sessions' }
  /** all blobs are gone before the right answer, as after a garbage collection */
  | { readonly kind: 'collect-blobs' }
  /** all tokens are void before the right answer */
  | { readonly kind: 'expire-tokens' }

export type Purpose =
  | 'HEAD manifest'
  | 'GET manifest'
  | 'PUT manifest'
  | 'HEAD blob'
  | 'GET blob'
  | 'mount'
  | 'POST upload'
  | 'PATCH upload'
  | 'GET upload'
  | 'PUT upload'
  | 'DELETE upload'
  | 'GET tags'
  | 'token'
  | 'other'

export function purposeOf({ method = '', url = '' }: IncomingMessage): Purpose {
  const path = url.split('?', 1)[0]!
  if (path === '/token') return 'token'
  if (path.includes('/blobs/uploads/')) return uploadPurpose(method, url)
  if (path.endsWith('/tags/list') && method === 'GET') return 'GET tags'
  if (path.includes('/blobs/') && (method === 'HEAD' || method === 'GET')) return `${method} blob`
  if (path.includes('/manifests/') && (method === 'HEAD' || method === 'GET' || method === 'PUT')) {
    return `${method} manifest`
  }
  return 'other'
}

function uploadPurpose(method: string, url: string): Purpose {
  if (method === 'POST') return url.includes('mount=') ? 'mount' : 'POST upload'
  const isKnown = method === 'PUT' || method === 'PATCH' || method === 'GET' || method === 'DELETE'
  return isKnown ? `${method} upload` : 'other'
}

export interface FaultScript {
  /** what to do to the next request of a purpose, if anything */
  readonly take: (purpose: Purpose) => FaultAction | undefined
  /** faults that no request has met */
  readonly unmet: () => readonly Fault[]
}

export function newFaultScript(faults: readonly Fault[]): FaultScript {
  const pending = faults.map((fault) => ({ fault, left: fault.times ?? 1, skip: fault.after ?? 0, met: 0 }))
  return {
    take(purpose) {
      const entry = pending.find(({ fault, left }) => fault.on === purpose && left > 0)
      if (!entry || entry.skip-- > 0) return undefined
      entry.left--
      entry.met++
      return entry.fault.act
    },
    unmet: () => pending.filter(({ met }) => met === 0).map(({ fault }) => fault),
  }
}
