/** Databases of Debian's and Alpine's package managers: paragraphs of fields, one paragraph for each package. */
import type { SystemPackage } from './facts.ts'

/**
 * Packages that are installed according to `var/lib/dpkg/status` (deb822) or a file of `status.d`, which has no Status
 * field. Paragraphs without a name or a version are left out.
 */
export function parseDpkgStatus(text: string): SystemPackage[] {
  return paragraphs(text).flatMap((paragraph) => {
    const fields = deb822Fields(paragraph)
    const [name, version, status] = ['package', 'version', 'status'].map((field) => fields.get(field))
    if (!name || !version || (status !== undefined && !/\sinstalled$/.test(status))) return []
    const maintainer = fields.get('maintainer')
    return {
      name,
      version,
      architecture: fields.get('architecture') ?? '',
      ...sourceOf(fields.get('source'), name, version),
      ...(maintainer && { maintainer }),
    }
  })
}

/** Packages of `lib/apk/db/installed`: one letter, a colon, a value. */
export function parseApkInstalled(text: string): SystemPackage[] {
  return paragraphs(text).flatMap((paragraph) => {
    const fields = new Map<string, string>()
    for (const line of paragraph.split('\n'))
      if (line[1] === ':' && !fields.has(line[0]!)) fields.set(line[0]!, line.slice(2).trim())
    const [name, version, origin, license, maintainer] = ['P', 'V', 'o', 'L', 'm'].map((letter) =>
      fields.get(letter),
    )
    if (!name || !version) return []
    return {
      name,
      version,
      architecture: fields.get('A') ?? '',
      ...(origin && origin !== name && { source: { name: origin, version } }),
      ...(license && { license }),
      ...(maintainer && { maintainer }),
    }
  })
}

/** `glibc` or `glibc (2.36-9)`; nothing when it is the package itself. */
function sourceOf(
  text: string | undefined,
  name: string,
  version: string,
): Pick<SystemPackage, 'source'> | undefined {
  const [, source, sourceVersion = version] = /^(\S+)(?:\s+\(([^)]+)\))?$/.exec(text ?? '') ?? []
  if (source === undefined || (source === name && sourceVersion === version)) return undefined
  return { source: { name: source, version: sourceVersion } }
}

function paragraphs(text: string): string[] {
  return text.split(/\r?\n(?:[ \t]*\r?\n)+/)
}

/** Field names in lower case; continuation lines are dropped, as no field that counts has any. */
function deb822Fields(paragraph: string): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of paragraph.split('\n')) {
    const colon = line.indexOf(':')
    if (colon <= 0 || /^[\s#]/.test(line)) continue
    fields.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim())
  }
  return fields
}
