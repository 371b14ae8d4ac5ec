/** Every case there is, by the file that runs it. */
import { gatewayStatusCases } from './cases/gateway-status.ts'
import { grpcTrafficCases } from './cases/grpc-traffic.ts'
import { httpBackendCases } from './cases/http-backends.ts'
import { httpCorsCases } from './cases/http-cors.ts'
import { httpFilterCases } from './cases/http-filters.ts'
import { httpHostCases } from './cases/http-hosts.ts'
import { httpMatchingCases } from './cases/http-matching.ts'
import { httpMirrorCases } from './cases/http-mirrors.ts'
import { httpReliabilityCases } from './cases/http-reliability.ts'
import { listenerSetStatusCases } from './cases/listener-set-status.ts'
import { listenerSetTrafficCases } from './cases/listener-set-traffic.ts'
import { referenceGrantCases } from './cases/reference-grants.ts'
import { routeStatusCases } from './cases/route-status.ts'
import { streamTrafficCases } from './cases/stream-traffic.ts'
import { tlsTrafficCases } from './cases/tls-traffic.ts'

/** Run on the translator alone. */
export const statusCases = [
  ...gatewayStatusCases,
  ...referenceGrantCases,
  ...listenerSetStatusCases,
  ...routeStatusCases,
]

/** Run on the embedded data plane. */
export const trafficCases = [
  ...httpMatchingCases,
  ...httpHostCases,
  ...httpFilterCases,
  ...httpMirrorCases,
  ...httpCorsCases,
  ...httpBackendCases,
  ...httpReliabilityCases,
  ...listenerSetTrafficCases,
  ...tlsTrafficCases,
  ...grpcTrafficCases,
  ...streamTrafficCases,
]
