/** From an error of the wire to the sentence a user can act on. */
import { Failure, isAbort, systemCode, type FailureCode } from '../base/index.ts'
import { redactUrl } from '../http/index.ts'
import { BadAnswer, type RegistryProblem } from './answer.ts'
import { RegistryFailure } from './registry-failure.ts'

/** What was being done when it failed. */
export interface Undertaking {
  /** such as `push layer sha256:9f2c41d0a7b3… to ghcr.io/acme/api` */
  readonly what: string
  /** host as references write it */
  readonly host: string
  readonly repository: string
  readonly access: 'read' | 'write'
}

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

function explainAnswer(answer: BadAnswer, undertaking: Undertaking, attempts: number): RegistryFailure {
  const { code, why, hint } = judgeAnswer(answer, undertaking)
  return new RegistryFailure(
    code,
    `cannot ${undertaking.what}: ${why} (${formatAnswer(answer)})${tried(attempts)}`,
    {
      hint,
      cause: answer,
      method: answer.method,
      url: redactUrl(answer.url),
      status: answer.status,
      errors: answer.problems,
    },
  )
}

interface Judgement {
  readonly code: FailureCode
  readonly why: string
  readonly hint?: string
}

function judgeAnswer(answer: BadAnswer, undertaking: Undertaking): Judgement {
  const { status, who } = answer
  const { host, access, repository } = undertaking
  const codes = new Set(answer.problems.map((problem) => problem.code))
  if (status === 401 || status === 403) {
    const why = answer.hadCredentials ? `${who} refused our credentials` : `${who} wants credentials`
    return { code: 'REGISTRY_UNAUTHORIZED', why, hint: `log in with ${access} access: docker login ${host}` }
  }
  if (codes.has('DIGEST_INVALID') || codes.has('SIZE_INVALID')) {
    const hint = 'a file may have changed while it was sent; run the same command again'
    return { code: 'CONTENT_MISMATCH', why: `${who} received other bytes than were announced`, hint }
  }
  const refused = (why: string, hint?: string): Judgement => ({
    code: 'REGISTRY_REFUSED',
    why: `${who} ${why}`,
    ...(hint !== undefined && { hint }),
  })
  if (status === 429) return refused('asks us to slow down', `wait a while, or log in: docker login ${host}`)
  if (status === 413)
    return refused('takes no body of this size', 'raise the size limit of the proxy in front of it')
  if (status >= 500) return refused('failed', 'look at the logs of the registry, or try again later')
  if (codes.has('MANIFEST_BLOB_UNKNOWN')) return refused('misses a blob that the manifest names')
  if (status === 404 && access === 'write') {
    return refused('has no such repository', `create the repository ${repository} there, or check its name`)
  }
  if (status === 405 && access === 'write')
    return refused('does not take writes', 'it may be read-only or a mirror')
  return refused(access === 'write' ? 'refused it' : 'answered with an error')
}

/** `403 DENIED: no access; UNKNOWN: …` */
function formatAnswer(answer: BadAnswer): string {
  const problems = answer.problems.slice(0, 3).map(formatProblem).filter(Boolean).join('; ')
  return problems === '' ? String(answer.status) : `${answer.status} ${problems}`
}

function formatProblem({ code, message }: RegistryProblem): string {
  return code !== '' && message !== '' ? `${code}: ${message}` : code + message
}

function explainTransport(error: Error, undertaking: Undertaking, attempts: number): RegistryFailure {
  const { why, hint } = judgeTransport(error, undertaking.host)
  return new RegistryFailure('REGISTRY_UNREACHABLE', `cannot ${undertaking.what}: ${why}${tried(attempts)}`, {
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
  if (code === 'EPROTO' || code.startsWith('ERR_SSL')) {
    return {
      why: `${host} does not speak TLS (${code})`,
      hint: 'registries other than loopback must serve https',
    }
  }
  if (code.startsWith('HPE_')) return { why: `${host} does not speak HTTP (${code})`, hint: 'check the port' }
  if (/CERT|SIGNATURE|ALTNAME/.test(code)) {
    return {
      why: `the certificate of ${host} is not trusted (${code})`,
      hint: 'add its authority with NODE_EXTRA_CA_CERTS=FILE',
    }
  }
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

function tried(attempts: number): string {
  return attempts > 1 ? `, after ${attempts} attempts` : ''
}
