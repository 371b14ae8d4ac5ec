/** Where disposable data lives between runs: XDG base directory specification, `$XDG_CACHE_HOME` or `~/.cache`. */
import { join } from 'node:path'

/** The cache folder of Slipway. It need not exist; everything in it can be deleted at any time. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>, home: string): string {
  const configured = env['SLIPWAY_CACHE_DIR']
  if (configured) return configured
  const xdg = env['XDG_CACHE_HOME']
  // the specification says to ignore relative paths
  return join(xdg?.startsWith('/') ? xdg : join(home, '.cache'), 'slipway')
}
