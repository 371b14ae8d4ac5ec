/** Tables of requests and what is to come of them. */
import { ask, eventually, expectAnswer, type Asked, type ExpectedAnswer } from './client.ts'
import type { TrafficWorld } from './traffic-world.ts'

/** `GET example.com/path` with the version of a backend, a status, or all that is expected. */
export type Row = readonly [request: string | Omit<Asked, 'at'>, expected: number | ExpectedAnswer]

/** Asks all at once; each must come out as expected three times in a row. */
export async function expectRows(world: TrafficWorld, gateway: string, rows: readonly Row[]): Promise<void> {
  const at = world.addressOf(gateway)
  const outcomes = await Promise.allSettled(rows.map(async (row) => expectRow(at, row)))
  const failed = outcomes.flatMap((outcome, index) =>
    outcome.status === 'rejected' ? [`${shown(rows[index]?.[0])}: ${messageOf(outcome.reason)}`] : [],
  )
  if (failed.length > 0) throw new Error(`${failed.length} of ${rows.length} requests:\n${failed.join('\n')}`)
}

async function expectRow(at: string, [request, expected]: Row): Promise<void> {
  const asked = typeof request === 'string' ? parseRequest(request) : request
  await eventually(async () => expectAnswer(await ask({ at, ...asked }), expectedOf(expected, asked)))
}

/** `[METHOD ][host]/path[ header=value]...` */
export function parseRequest(text: string): Omit<Asked, 'at'> {
  const [, method, host, path, rest = ''] = /^(?:([A-Z]+) )?([^/ ]*)(\/[^ ]*)((?: [^ ]+)*)$/.exec(text) ?? []
  const headers = Object.fromEntries(
    rest
      .trim()
      .split(' ')
      .filter((item) => item !== '')
      .map((item) => [item.slice(0, item.indexOf('=')), item.slice(item.indexOf('=') + 1)]),
  )
  return {
    path: path ?? '/',
    headers,
    ...(method === undefined ? {} : { method }),
    ...(host === '' || host === undefined ? {} : { host }),
  }
}

function expectedOf(expected: number | ExpectedAnswer, { path }: Omit<Asked, 'at'>): ExpectedAnswer {
  if (typeof expected !== 'number') return expected
  if (expected > 99) return { status: expected }
  return { backend: `infra-backend-v${expected}`, seen: { path: path ?? '/' } }
}

/** Without certificates, which are long. */
function shown(request: Row[0] | undefined): string {
  return JSON.stringify(request, (key, value: unknown) =>
    key === 'authority' || key === 'certificate' ? undefined : value,
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
