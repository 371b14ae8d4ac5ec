/** `EXPOSE` values: `80`, `8080:80`, `53/udp`, `8000-8010/tcp`; normalised to `port/protocol`. */
import { Failure, type Place } from '../../base/index.ts'

const protocols = new Set(['tcp', 'udp', 'sctp'])

/** @throws Failure DOCKERFILE_INVALID */
export function parsePorts(text: string, at: Place): string[] {
  const [ports = '', rawProtocol = 'tcp', extra] = text.split('/')
  const range = containerPorts(ports)
  const protocol = rawProtocol.toLowerCase() || 'tcp'
  const [first = '', last = first, more] = range.split('-')
  const from = port(first)
  const to = port(last)
  if (extra !== undefined || more !== undefined || from === undefined || to === undefined || to < from) {
    throw invalid(text, at)
  }
  if (!protocols.has(protocol)) throw invalid(text, at)
  return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}/${protocol}`)
}

/** Of `[address:]host-port:container-port`, as `docker run -p` takes it, only the last part is meant. */
function containerPorts(text: string): string {
  return /^(?:(?:[\d.]+|\[[\da-f:]+\]):)?(?:\d*(?:-\d+)?):([^:]*)$/i.exec(text)?.[1] ?? text
}

function port(text: string): number | undefined {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  return number <= 65535 ? number : undefined
}

function invalid(text: string, at: Place): Failure {
  return new Failure('DOCKERFILE_INVALID', `"${text}" is not a port`, {
    at,
    hint: 'write it as port[-port][/tcp|udp|sctp], such as 8080 or 53/udp',
  })
}
