/** A package of npm, by the `package.json` at its root in a `node_modules` folder. */
import type { FileFacts } from './facts.ts'

/** Names as npm lets them be published, old ones with capitals too. */
const packageName = /^(?:@[a-z0-9~._-]+\/)?[a-z0-9~_.-]+$/i

/** Whether a path is the `package.json` of an installed package, and not of a folder inside one. */
export function isPackageRoot(path: string): boolean {
  return /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/@.][^/]*\/package\.json$/.test(path)
}

/** A file without a name and a version describes no package. */
export function parseNpmPackage(text: string): FileFacts {
  let document: unknown
  try {
    document = JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    return { kind: 'unread', why: 'it is no JSON' }
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    return { kind: 'unread', why: 'it is no JSON object' }
  const { name, version, license, licenses } = document as Record<string, unknown>
  if (typeof name !== 'string' || typeof version !== 'string' || !packageName.test(name) || version === '')
    return { kind: 'unread', why: 'it has no name and version' }
  const text_ = licenseText(license) ?? licenseText(licenses)
  return { kind: 'npm', name, version, ...(text_ !== undefined && { license: text_ }) }
}

/** `"MIT"`, and the forms of old packages: `{"type": "MIT"}`, `[{"type": "MIT"}, …]`. */
function licenseText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim()
  if (Array.isArray(value)) {
    const texts = value.flatMap((one) => licenseText(one) ?? [])
    return texts.length === 0 ? undefined : texts.length === 1 ? texts[0] : `(${texts.join(' OR ')})`
  }
  const type = typeof value === 'object' && value !== null ? (value as { type?: unknown }).type : undefined
  return typeof type === 'string' ? licenseText(type) : undefined
}
