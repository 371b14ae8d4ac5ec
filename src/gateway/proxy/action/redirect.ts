/** Where a redirect leads (Gateway API HTTPRequestRedirectFilter, Istio HTTPRedirect). */
import type { RedirectAction } from '../../model/index.ts'
import { compilePathRewrite } from './path-rewrite.ts'

export interface RedirectedRequest {
  readonly scheme: 'http' | 'https'
  /** as the client wrote it, without its port */
  readonly host: string
  /** port of the authority, when it has one */
  readonly port: number | undefined
  readonly path: string
  readonly query: string | undefined
}

const ownPort: Readonly<Record<string, number>> = { http: 80, https: 443 }

/** The `Location` for a request. */
export function compileRedirect(redirect: RedirectAction): (request: RedirectedRequest) => string {
  const rewrite = redirect.path && compilePathRewrite(redirect.path)
  return (request) => {
    const scheme = redirect.scheme ?? request.scheme
    const host = redirect.host ?? request.host
    const port = redirect.port === 'request' ? request.port : redirect.port
    const shown = port === undefined || port === ownPort[scheme] ? '' : `:${port}`
    const path = rewrite ? rewrite(request.path) : request.path
    const query = request.query === undefined || redirect.stripQuery ? '' : `?${request.query}`
    return `${scheme}://${host}${shown}${path}${query}`
  }
}
