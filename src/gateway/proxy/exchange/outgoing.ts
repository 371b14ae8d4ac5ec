/** The request as backends get it: headers edited, path and host rewritten. */
import type { Addresses } from '../l4/proxy-protocol.ts'
import type { UpstreamRequest } from '../upstream/upstream.ts'
import type { Exchange } from './exchange.ts'
import type { ForwardingPlan } from './forwarding.ts'

/** Edits the headers of the exchange in place: it is made once for all tries. */
export function outgoingRequest(exchange: Exchange, plan: ForwardingPlan): UpstreamRequest {
  const { head, view, downstream, scheme } = exchange
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
    ...(plan.cluster.config.proxyProtocol && { client: clientOf(exchange) }),
  }
}

function clientOf({ client, downstream }: Exchange): Addresses {
  const { remotePort = 0, localAddress = '', localPort = 0 } = downstream.connection.socket
  return {
    source: { address: client, port: remotePort },
    destination: { address: localAddress, port: localPort },
  }
}
