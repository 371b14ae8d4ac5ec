/** Addresses of git remotes as a browser takes them. Pure. */

/**
 * `git@github.com:acme/api.git`, `ssh://git@github.com/acme/api` and `https://user:token@github.com/acme/api.git` are all
 * `https://github.com/acme/api`: no user, no password, no `.git`, no port of ssh; nothing for a path of this machine.
 */
export function sourceAddress(remote: string): string | undefined {
  const url = URL.canParse(remote) && /^[a-z+]{2,}:\/\//i.test(remote) ? new URL(remote) : scpAddress(remote)
  if (!url || url.hostname === '' || !/^(?:https?|ssh|git|git\+ssh|ssh\+git):$/.test(url.protocol))
    return undefined
  const isWeb = url.protocol === 'https:' || url.protocol === 'http:'
  const host = isWeb ? url.host : url.hostname
  const path = url.pathname
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .replace(/^\/~?/, '/')
  return `${url.protocol === 'http:' ? 'http' : 'https'}://${host}${path}`
}

/** `[user@]host:path`, which is no URL; a single letter before the colon is a disk of Windows. */
function scpAddress(remote: string): URL | undefined {
  const [, host, path = ''] = /^(?:[^@/:]+@)?([^/:@]{2,}):(?!\/\/)(.+)$/.exec(remote) ?? []
  if (host === undefined) return undefined
  const text = `ssh://${host}/${path.replace(/^\/+/, '')}`
  return URL.canParse(text) ? new URL(text) : undefined
}
