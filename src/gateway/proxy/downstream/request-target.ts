/** The target of an HTTP/1 request line (RFC 9112 section 3.2). */

export interface RequestTarget {
  /** origin form or `*`; anything else as it came, to be refused */
  readonly target: string
  /** of an absolute form, which goes before a Host header */
  readonly authority: string | undefined
}

const absolute = /^https?:\/\/([^/?#]*)([/?#].*)?$/i

export function splitTarget(target: string): RequestTarget {
  if (target.charCodeAt(0) === 47) return { target, authority: undefined }
  const match = absolute.exec(target)
  if (match === null) return { target, authority: undefined }
  const rest = match[2] ?? '/'
  return { target: rest.startsWith('/') ? rest : `/${rest}`, authority: match[1] as string }
}
