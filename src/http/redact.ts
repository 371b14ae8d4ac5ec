/**
 * URLs as they may be shown: no user-info, no secret in the query. Upload locations and storage redirects carry
 * session state and signatures in their query, so every value is hidden but those of the distribution-spec's own keys.
 */
const shownKeys = new Set(['digest', 'mount', 'from', 'service', 'scope', 'tag', 'n', 'last'])

/** The text with user-info dropped and secret query values replaced by `…`; also for texts that are no valid URL. */
export function redactUrl(url: URL | string): string {
  const text = withoutControls(String(url))
  const hash = text.indexOf('#')
  const withoutHash = hash < 0 ? text : text.slice(0, hash)
  const question = withoutHash.indexOf('?')
  const address = withoutUserInfo(question < 0 ? withoutHash : withoutHash.slice(0, question))
  return question < 0 ? address : `${address}?${redactQuery(withoutHash.slice(question + 1))}`
}

function withoutUserInfo(address: string): string {
  const scheme = address.indexOf('://')
  if (scheme < 0) return address
  const start = scheme + 3
  const slash = address.indexOf('/', start)
  const end = slash < 0 ? address.length : slash
  const at = address.lastIndexOf('@', end - 1)
  return at < start ? address : address.slice(0, start) + address.slice(at + 1)
}

function redactQuery(query: string): string {
  return query
    .split('&')
    .map((pair) => {
      const equals = pair.indexOf('=')
      const key = equals < 0 ? pair : pair.slice(0, equals)
      return equals < 0 || shownKeys.has(key) ? pair : `${key}=…`
    })
    .join('&')
}

function withoutControls(text: string): string {
  let clean = ''
  let from = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code > 0x1f && (code < 0x7f || code > 0x9f)) continue
    clean += text.slice(from, index)
    from = index + 1
  }
  return from === 0 ? text : clean + text.slice(from)
}
