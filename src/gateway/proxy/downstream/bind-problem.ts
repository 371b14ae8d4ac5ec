/** Why an address could not be listened on, and what to do about it. */
import type { Listener, ListenerReport } from '../../model/index.ts'

/** The report of a listener that the system refused. */
export function refusedReport(listener: Listener, error: NodeJS.ErrnoException): ListenerReport {
  const problem = bindProblem(listener, error.code, error.message)
  return {
    listener: listener.name,
    bound: false,
    problem,
    ...(error.code !== undefined && { code: error.code }),
  }
}

function bindProblem(
  { address, port, transport }: Listener,
  code: string | undefined,
  message: string,
): string {
  const where = `${transport === 'udp' ? 'UDP ' : ''}port ${port} of ${address}`
  switch (code) {
    case 'EADDRINUSE':
      return `${where} is in use by another process: stop it, or give the listener another port or address`
    case 'EACCES':
      return (
        `${where} needs a privilege: ports below 1024 take the capability CAP_NET_BIND_SERVICE ` +
        `(setcap cap_net_bind_service=+ep on the node program) or the setting net.ipv4.ip_unprivileged_port_start=${port}`
      )
    case 'EADDRNOTAVAIL':
      return `no interface of this machine has the address ${address}`
    default:
      return `${where} cannot be listened on: ${message}`
  }
}
