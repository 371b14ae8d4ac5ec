/** The request as backends get it: headers edited, path and host rewritten. */
import type { UpstreamRequest } from '../upstream/upstream.ts'
import type { Exchange } from './exchange.ts'
import type { ForwardingPlan } from './forwarding.ts'

/** Edits the headers of the exchange in place: it is made once for all tries. */
export function outgoingRequest(
  { head, view, downstream, scheme }: Exchange,
  plan: ForwardingPlan,
): UpstreamRequest {
  const { route, target } = plan
  const { headers } = head
  route.requestHeaders?.apply(headers)
  target.requestHeaders?.apply(headers)
  const path = target.rewrite?.path ? target.rewrite.path(view.path) : view.path
  const own = downstream.authority ?? ''
  const authority = target.requestHeaders?.host ?? route.requestHeaders?.host ?? target.rewrite?.host ?? own
  if (authority !== own) headers.push('x-forwarded-host', own)
  return {
    method: downstream.method,
    path: view.query === undefined ? path : `${path}?${view.query}`,
    authority,
    scheme,
    headers,
    body: downstream.body,
    wantsTrailers: head.wantsTrailers,
    upgrade: downstream.upgrade,
  }
}
