/** Asks the admin server of a running gateway. */
import { Failure } from '../base/index.ts'
import { parseAddress } from './serve-flag.ts'

/** @throws Failure USAGE | GATEWAY_UNREACHABLE */
export async function askGateway<T>(admin: string, path: string): Promise<T> {
  const { host, port } = parseAddress(admin)
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`
  let response: Response
  try {
    response = await fetch(`http://${address}${path}`, { signal: AbortSignal.timeout(10_000) })
  } catch (cause) {
    throw new Failure('GATEWAY_UNREACHABLE', `no gateway answers at ${address}`, {
      hint: 'start one with slipway gateway run -c DIR, or name its address with --admin',
      cause,
    })
  }
  if (!response.ok)
    throw new Failure(
      'GATEWAY_UNREACHABLE',
      `the gateway at ${address} answered ${response.status}: ${(await response.text()).trim()}`,
    )
  return (await response.json()) as T
}
