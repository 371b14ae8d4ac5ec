/** os-release(5): shell assignments that name the distribution. */
import type { OsRelease } from './facts.ts'

/** Nothing when the file names no distribution. */
export function parseOsRelease(text: string): OsRelease | undefined {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, name, value] = /^([A-Z_0-9]+)=(.*?)\s*$/.exec(line) ?? []
    if (name !== undefined && value !== undefined) fields.set(name, unquote(value))
  }
  const [id, versionId, prettyName] = ['ID', 'VERSION_ID', 'PRETTY_NAME'].map((name) => fields.get(name))
  if (!id || !/^[a-z0-9._-]+$/.test(id)) return undefined
  return { id, ...(versionId && { versionId }), ...(prettyName && { prettyName }) }
}

function unquote(text: string): string {
  const [, quote, inner] = /^(["'])(.*)\1$/.exec(text) ?? []
  if (inner === undefined) return text
  return quote === '"' ? inner.replaceAll(/\\([\\"$`])/g, '$1') : inner
}
