/** `slipway gateway run` as a process: started, waited for, asked, stopped. */
import { setTimeout as delay } from 'node:timers/promises'
import { startSlipway, type RunningSlipway, type SlipwayEvent, type SlipwayOptions } from './slipway.ts'

export interface RunningGateway extends AsyncDisposable {
  readonly running: RunningSlipway
  /** `http://127.0.0.1:PORT` of the admin server */
  readonly admin: string
  /** the next event of this kind that was not waited for yet; fails with all output after 20 s */
  readonly next: (kind: string) => Promise<SlipwayEvent>
  /** JSON of the admin server */
  readonly ask: <T>(path: string) => Promise<T>
  /** SIGTERM; its exit status and output */
  readonly stop: () => Promise<{ status: number | null; stdout: string; stderr: string }>
}

/** Starts it with a free admin port and waits until it serves and watches. */
export async function startGatewayProcess(
  args: readonly string[],
  options: SlipwayOptions,
): Promise<RunningGateway> {
  const running = startSlipway(
    ['gateway', 'run', '--admin', '127.0.0.1:0', '--progress=json', ...args],
    options,
  )
  const seen = new Map<string, number>()
  let isEnded = false
  let output = ''
  void running.ended.then(({ stdout, stderr }) => {
    isEnded = true
    output = stderr + stdout
  })
  const next = async (kind: string): Promise<SlipwayEvent> => {
    for (let waited = 0; ; waited += 2) {
      const events = running.events.filter((event) => event.kind === kind)
      const count = seen.get(kind) ?? 0
      if (events.length > count) {
        seen.set(kind, count + 1)
        return events[count]!
      }
      if (isEnded || waited > 20_000)
        throw new Error(
          `there was no ${kind} after ${running.events.map((event) => JSON.stringify(event)).join('\n')}\n${output}`,
        )
      await delay(2)
    }
  }
  const stop = async () => {
    running.interrupt('SIGTERM')
    return running.ended
  }
  try {
    const { address } = await next('admin')
    const admin = `http://${String(address)}`
    await next('applied')
    await next('watching')
    const ask = async <T>(path: string) => (await (await fetch(admin + path)).json()) as T
    return { running, admin, next, ask, stop, [Symbol.asyncDispose]: async () => void (await stop()) }
  } catch (error) {
    await stop()
    throw error
  }
}
