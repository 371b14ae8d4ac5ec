/** Waits for something that happens soon but says so to nobody. */
import { setTimeout as delay } from 'node:timers/promises'

/** Asks every millisecond; fails after five seconds, naming what did not happen. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let asked = 0; !(await condition()); asked++) {
    if (asked === 5000) throw new Error(`it did not happen that ${what}`)
    await delay(1)
  }
}
