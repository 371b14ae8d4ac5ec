/** Months and days in UTC, whatever the machine says. Runs in pages too. */

/** Months since January 1970 of milliseconds since 1970. */
export function monthOf(time: number): number {
  const date = new Date(time)
  return (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()
}

/** `2020-01` */
export function formatMonth(month: number): string {
  return `${1970 + Math.floor(month / 12)}-${String((((month % 12) + 12) % 12) + 1).padStart(2, '0')}`
}

/** `2020-01-31` */
export function formatDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
