/** What the answers of registries mean for the user: a code, a reason, a hint. */
import type { FailureCode } from '../base/index.ts'
import { redactUrl } from '../http/index.ts'
import type { BadAnswer, RegistryProblem } from './answer.ts'
import { nameCredentials } from './credentials.ts'
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

/** What the registry's answer means for what was being done. */
export function explainAnswer(
  answer: BadAnswer,
  undertaking: Undertaking,
  attempts: number,
): RegistryFailure {
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
  const refused = (why: string, hint?: string): Judgement => ({
    code: 'REGISTRY_REFUSED',
    why: `${who} ${why}`,
    ...(hint !== undefined && { hint }),
  })
  if (answer.isForeign && status < 500) {
    return refused('refused it', `look at the storage and the clock of ${host}, or try again later`)
  }
  if (status === 507 || isOverQuota(answer)) {
    return refused('has no room left', `delete old images of ${host}/${repository}, or have its quota raised`)
  }
  if (status === 401 || status === 403) {
    return { code: 'REGISTRY_UNAUTHORIZED', ...judgeLogin(answer, undertaking) }
  }
  if (answer.has('DIGEST_INVALID') || answer.has('SIZE_INVALID')) {
    const hint = 'a file may have changed while it was sent; run the same command again'
    return { code: 'CONTENT_MISMATCH', why: `${who} received other bytes than were announced`, hint }
  }
  if (status === 429) {
    const until = answer.retryAfterMs === undefined ? '' : ` and to wait ${formatWait(answer.retryAfterMs)}`
    return refused(`asks us to slow down${until}`, `wait a while, or log in: slipway login ${host}`)
  }
  if (status === 413) {
    return refused('takes no body of this size', 'raise the size limit of the proxy in front of it')
  }
  return status >= 500 || access === 'read'
    ? judgeOther(answer, refused)
    : judgeWrite(answer, undertaking, refused)
}

function judgeLogin(answer: BadAnswer, { host, access, repository }: Undertaking) {
  const { credentials, isDenied, who } = answer
  const login = `slipway login ${host}`
  if (!credentials) return { why: `${who} wants credentials`, hint: `log in with ${access} access: ${login}` }
  const name = nameCredentials(credentials)
  if (!isDenied || repository === '')
    return { why: `${who} refused the credentials of ${name}`, hint: `log in again: ${login}` }
  const what = access === 'write' ? `push to ${repository}` : `pull from ${repository}`
  return {
    why: `${who} does not let ${name} ${what}`,
    hint: `get ${access} access to ${repository} there, or log in as somebody who has it: ${login}`,
  }
}

type Refuse = (why: string, hint?: string) => Judgement

function judgeOther({ status }: BadAnswer, refused: Refuse): Judgement {
  if (status === 404) return refused('does not have it')
  if (status >= 500) return refused('failed', 'look at the logs of the registry, or try again later')
  return refused('answered with an error')
}

function judgeWrite(answer: BadAnswer, { host, repository }: Undertaking, refused: Refuse): Judgement {
  if (answer.has('MANIFEST_BLOB_UNKNOWN')) return refused('misses a blob that the manifest names')
  if (answer.has('BLOB_UPLOAD_UNKNOWN') || answer.has('BLOB_UPLOAD_INVALID')) {
    return refused(
      'loses upload sessions',
      'registries behind one address must share their storage and their secret',
    )
  }
  if (answer.status === 404 || answer.has('NAME_UNKNOWN')) {
    return refused('has no such repository', createHint(host, repository))
  }
  if (answer.status === 405) return refused('does not take writes', 'it may be read-only or a mirror')
  return refused('refused it')
}

/** Registries have no code of their own for it, so their texts must do. */
function isOverQuota({ status, problems }: BadAnswer): boolean {
  const isCandidate = status === 403 || status === 412 || status === 400 || status === 413
  return (
    isCandidate &&
    problems.some(({ message }) => /quota|storage limit|upper limit|insufficient storage/i.test(message))
  )
}

/** Some registries keep no repository that nobody has created. */
function createHint(host: string, repository: string): string {
  const region = /\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.amazonaws\./.exec(host)?.[1]
  return region === undefined
    ? `create the repository ${repository} there, or check its name`
    : `aws ecr create-repository --region ${region} --repository-name ${repository}`
}

/** `90 s`, `15 min` */
function formatWait(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000)
  return seconds <= 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`
}

/** `403 DENIED: no access; UNKNOWN: …` */
export function formatAnswer(answer: BadAnswer): string {
  const problems = answer.problems.slice(0, 3).map(formatProblem).filter(Boolean).join('; ')
  return problems === '' ? String(answer.status) : `${answer.status} ${problems}`
}

function formatProblem({ code, message }: RegistryProblem): string {
  return code !== '' && message !== '' ? `${code}: ${message}` : code + message
}

/** `, after 5 attempts` */
export function tried(attempts: number): string {
  return attempts > 1 ? `, after ${attempts} attempts` : ''
}
