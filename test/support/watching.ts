/** `--watch` as a process: what it tells, waited for in order. */
import { setTimeout as delay } from 'node:timers/promises'
import { startSlipway, type RunningSlipway, type SlipwayEvent, type SlipwayOptions } from './slipway.ts'

export interface Watching extends AsyncDisposable {
  readonly running: RunningSlipway
  /** the next event of one of the kinds that was not waited for yet; fails with all output after 20 s */
  readonly next: (...kinds: readonly string[]) => Promise<SlipwayEvent>
  /** all events since the last call */
  readonly take: () => SlipwayEvent[]
  /** Ctrl-C; its exit status and output */
  readonly stop: () => Promise<{ status: number | null; stdout: string; stderr: string }>
}

/** Starts it and waits until the first round has ended, well or not, and files are watched. */
export async function startWatching(args: readonly string[], options: SlipwayOptions): Promise<Watching> {
  const running = startSlipway([...args, '--progress=json'], options)
  let seen = 0
  let taken = 0
  let isEnded = false
  let output = ''
  void running.ended.then(({ stdout, stderr }) => {
    isEnded = true
    output = stderr + stdout
  })
  const next = async (...kinds: readonly string[]): Promise<SlipwayEvent> => {
    for (let waited = 0; ; waited++) {
      const event = running.events[seen]
      if (event) {
        seen++
        if (kinds.includes(event.kind)) return event
      } else if (isEnded || waited > 20_000) {
        const told = running.events.map(({ kind }) => kind).join(' ')
        const lines = output.split('\n').filter((line) => !line.startsWith('{'))
        throw new Error(`there was no ${kinds.join(' or ')} after ${told}\n${lines.join('\n')}`)
      } else await delay(1)
    }
  }
  const stop = async () => {
    running.interrupt()
    return running.ended
  }
  try {
    await next('watching')
  } catch (error) {
    await stop()
    throw error
  }
  taken = running.events.length
  return {
    running,
    next,
    take() {
      const events = running.events.slice(taken)
      taken = running.events.length
      return events
    },
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  }
}
