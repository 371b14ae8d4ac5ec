/** Numbers as people read them. */

/** `1.4 GB`, `512 B`: powers of 1000, as disks and registries count. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return unit === 0 ? `${bytes} B` : `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}`
}

/** `0.04 s`, `1.3 s`, `2m 05s` */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(seconds < 0.995 ? 2 : 1)} s`
  if (seconds < 99.5) return `${seconds.toFixed(0)} s`
  return `${Math.floor(seconds / 60)}m ${String(Math.round(seconds % 60)).padStart(2, '0')}s`
}

/** `1 image`, `3 images` */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
