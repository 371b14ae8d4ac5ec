/** Answers that are no success: what the registry says about itself, kept until somebody can say what it was for. */
import { parseRetryAfter, readAtMost, type HttpResponse } from '../http/index.ts'
import { parseChallenges } from './challenge.ts'
import type { Credentials } from './credentials.ts'

/** One entry of the error list of distribution-spec, "Error codes". */
export interface RegistryProblem {
  /** such as `DENIED`; empty when the registry gave none */
  readonly code: string
  readonly message: string
}

/** An answer with an unexpected status. Never leaves this module: it becomes a `RegistryFailure`. */
export class BadAnswer extends Error {
  readonly method: string
  readonly url: URL
  readonly status: number
  readonly problems: readonly RegistryProblem[]
  readonly retryAfterMs: number | undefined
  /** `the registry`, or who else answered */
  readonly who: string
  /** whether it came from another address than the registry's, where a redirect or a Location led */
  readonly isForeign: boolean
  /** what we had shown, if anything */
  readonly credentials: Credentials | undefined
  /** it knows who we are, and does not let us */
  readonly isDenied: boolean

  constructor(details: Omit<BadAnswer, keyof Error | 'has'>) {
    super(`${details.method} answered ${details.status}`)
    this.method = details.method
    this.url = details.url
    this.status = details.status
    this.problems = details.problems
    this.retryAfterMs = details.retryAfterMs
    this.who = details.who
    this.isForeign = details.isForeign
    this.credentials = details.credentials
    this.isDenied = details.isDenied
  }

  /** Whether the registry listed this code. */
  has(code: string): boolean {
    return this.problems.some((problem) => problem.code === code)
  }
}

const longestErrorBody = 64 * 1024
const longestText = 300

/** Reads what an answer says went wrong. */
export async function readBadAnswer(
  response: HttpResponse,
  details: {
    method: string
    who: string
    isForeign?: boolean
    credentials: Credentials | undefined
    now: number
  },
): Promise<BadAnswer> {
  let problems: RegistryProblem[] = []
  try {
    const bytes = await readAtMost(response.body, longestErrorBody)
    problems = parseProblems(Buffer.from(bytes ?? []).toString('utf8'))
  } catch {
    // The status is known already; a body that breaks off takes nothing from it.
  }
  return new BadAnswer({
    method: details.method,
    url: response.url,
    status: response.status,
    problems,
    retryAfterMs: parseRetryAfter(response.headers['retry-after'], details.now),
    who: details.who,
    isForeign: details.isForeign ?? false,
    credentials: details.credentials,
    isDenied: isDenial(response, problems),
  })
}

/** RFC 6750, 3.1: a good token that does not reach as far is no reason to log in again. */
function isDenial({ status, headers }: HttpResponse, problems: readonly RegistryProblem[]): boolean {
  const challenges = parseChallenges(headers['www-authenticate'] ?? '')
  return (
    status === 403 ||
    problems.some(({ code }) => code === 'DENIED') ||
    challenges.some(({ parameters }) => parameters.get('error') === 'insufficient_scope')
  )
}

/** `{"errors":[{"code","message"}]}`; a token server's `{"details"}` or `{"error_description"}`; else a short text as it is. */
export function parseProblems(body: string): RegistryProblem[] {
  const parsed = parseJson(body)
  if (isRecord(parsed)) {
    const list = parsed['errors']
    if (Array.isArray(list)) return list.filter(isRecord).map(toProblem)
    return [
      toProblem({ code: parsed['error'], message: parsed['error_description'] ?? parsed['details'] }),
    ].filter((problem) => problem.code !== '' || problem.message !== '')
  }
  const text = shown(body)
  return text === '' || text.startsWith('<') ? [] : [{ code: '', message: text }]
}

function toProblem(entry: Record<string, unknown>): RegistryProblem {
  return { code: shown(entry['code']), message: shown(entry['message']) }
}

/** Foreign text on one line, without control characters, cut to a length. */
function shown(value: unknown): string {
  if (typeof value !== 'string') return ''
  const text = value
    .slice(0, longestText * 4)
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
