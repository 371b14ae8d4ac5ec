/** From an error of the wire to the sentence a user can act on. */
import { Failure, isAbort, systemCode } from '../base/index.ts'
import { BadAnswer } from './answer.ts'
import { explainAnswer, tried, type Undertaking } from './explain-answer.ts'
import { judgeTls } from './explain-tls.ts'
import { RegistryFailure } from './registry-failure.ts'

export type { Undertaking } from './explain-answer.ts'

/** Aborts as they are; answers, failures and system errors as `RegistryFailure`; all else is a bug and stays. */
export function explain(error: unknown, undertaking: Undertaking, attempts: number): unknown {
  if (isAbort(error)) return error
  if (error instanceof BadAnswer) return explainAnswer(error, undertaking, attempts)
  if (error instanceof RegistryFailure) return error
  if (error instanceof Failure) {
    const details = { hint: error.hint, cause: error }
    return new RegistryFailure(error.code, `cannot ${undertaking.what}: ${error.message}`, details)
  }
  if (systemCode(error) === undefined) return error
  return explainTransport(error as Error, undertaking, attempts)
}

function explainTransport(error: Error, undertaking: Undertaking, attempts: number): RegistryFailure {
  const { code, why, hint } = judgeTls(error, undertaking.host) ?? {
    code: 'REGISTRY_UNREACHABLE' as const,
    ...judgeTransport(error, undertaking.host),
  }
  return new RegistryFailure(code, `cannot ${undertaking.what}: ${why}${tried(attempts)}`, {
    hint,
    cause: error,
  })
}

function judgeTransport(error: Error, host: string): { why: string; hint?: string } {
  const code = systemCode(error) ?? ''
  const address = addressOf(error)
  switch (code) {
    case 'ECONNREFUSED':
      return {
        why: `nothing listens on ${address ?? host} (${code})`,
        hint: `start the registry, or check the address ${host}`,
      }
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        why: `the name ${host} cannot be resolved (${code})`,
        hint: `check the spelling of ${host}, and the network`,
      }
    case 'ECONNRESET':
    case 'EPIPE':
      return {
        why: `the connection to ${address ?? host} broke (${code})`,
        hint: 'run the same command again; what has arrived is kept',
      }
    case 'ETIMEDOUT':
      return {
        why: address === undefined ? error.message : `no connection to ${address} (${code})`,
        hint: `check the network to ${host}`,
      }
    case 'EREDIRECTS':
      return { why: `${host} answers with ${error.message}` }
    default:
  }
  if (code.startsWith('HPE_')) return { why: `${host} does not speak HTTP (${code})`, hint: 'check the port' }
  return { why: `${error.message} (${code})` }
}

/** `127.0.0.1:5000`, from the error or from those of every address that was tried. */
function addressOf(error: unknown): string | undefined {
  if (error instanceof AggregateError) {
    return error.errors.map(addressOf).filter(Boolean).join(' or ') || undefined
  }
  const { address, port } = error as { address?: unknown; port?: unknown }
  if (typeof address !== 'string' || typeof port !== 'number') return undefined
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
