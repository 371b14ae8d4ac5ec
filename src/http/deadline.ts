/** One time limit of an exchange at a time: to connect, to take bytes, to answer, to go on with the answer. */
export interface Deadline {
  /** starts the limit anew, in place of the one before */
  readonly set: (milliseconds: number, what: string) => void
  readonly clear: () => void
}

/** Calls `expire` with an error of code ETIMEDOUT such as `no answer within 60 s`. */
export function newDeadline(expire: (error: Error) => void): Deadline {
  let timer: NodeJS.Timeout | undefined
  return {
    set(milliseconds, what) {
      clearTimeout(timer)
      timer = setTimeout(() => {
        expire(
          Object.assign(new Error(`${what} within ${formatSeconds(milliseconds)}`), { code: 'ETIMEDOUT' }),
        )
      }, milliseconds)
    },
    clear() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}

function formatSeconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${milliseconds / 1000} s`
}
