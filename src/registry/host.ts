/** From the host of a reference to the addresses of its API, and how far away that is. */
import { reachOf } from '../http/index.ts'

/** Whether the host is this machine: `localhost`, `*.localhost`, `127.0.0.0/8`, `::1`, each with or without a port. */
export function isLoopback(host: string): boolean {
  const name = withoutPort(host)
  return (
    name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127\.\d+\.\d+\.\d+$/.test(name)
  )
}

export interface OriginOptions {
  /** TLS is wanted, and plain HTTP is good enough; default false */
  readonly isInsecure?: boolean
  /** somebody has set TLS up for this host; default false */
  readonly hasCertificates?: boolean
}

/**
 * Where the API of a host may be, the likeliest first: `https://ghcr.io`. Loopback is asked without TLS first, unless
 * certificates for it are there; hosts that are declared insecure with TLS first, as docker does.
 * Docker Hub answers under another name than it goes by.
 */
export function registryOrigins(host: string, options: OriginOptions = {}): [URL, ...URL[]] {
  const { isInsecure = false, hasCertificates = false } = options
  const address = host === 'docker.io' || host === 'index.docker.io' ? 'registry-1.docker.io' : host
  const [secure, plain] = [new URL(`https://${address}`), new URL(`http://${address}`)]
  if (isLoopback(host)) return hasCertificates ? [secure, plain] : [plain, secure]
  return isInsecure ? [secure, plain] : [secure]
}

/** Names that containers and pods have for each other and for their host. */
const clusterName = /(?:^|\.)(?:svc|cluster\.local|(?:docker|containers)\.internal)$/

/**
 * Whether bytes cost next to nothing on the way to the host: this machine, a private address, a name without a dot
 * (`registry:5000`, as in a Compose or Kubernetes network), a service of a cluster.
 */
export function isNearby(host: string): boolean {
  const name = withoutPort(host)
  if (isLoopback(host)) return true
  const reach = reachOf(name)
  if (reach !== undefined) return reach !== 'public'
  return !name.includes('.') || clusterName.test(name)
}

function withoutPort(host: string): string {
  return host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.replace(/:\d+$/, '')
}
