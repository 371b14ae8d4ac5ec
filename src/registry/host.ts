/** From the host of a reference to the address of its API. */

/** Whether the host is this machine: `localhost`, `*.localhost`, `127.0.0.0/8`, `::1`, each with or without a port. */
export function isLoopback(host: string): boolean {
  const name = host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.replace(/:\d+$/, '')
  return (
    name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127\.\d+\.\d+\.\d+$/.test(name)
  )
}

/** `https://ghcr.io`; `http:` for loopback; Docker Hub answers under another name than it goes by. */
export function registryOrigin(host: string): URL {
  const address = host === 'docker.io' || host === 'index.docker.io' ? 'registry-1.docker.io' : host
  return new URL(`${isLoopback(host) ? 'http' : 'https'}://${address}`)
}
