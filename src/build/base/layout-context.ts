/** Contexts that are images in OCI layouts: `oci-layout://FOLDER`, with `:TAG` or `@DIGEST` after it. Pure. */
import { resolve } from 'node:path'

export const layoutScheme = 'oci-layout://'

/** The folder of a context, and what names the image in it; nothing: it is the only one. */
export function parseLayoutContext(value: string): {
  readonly folder: string
  readonly name: string | undefined
} {
  const rest = value.slice(layoutScheme.length)
  const [, folder = rest, tag, digest] =
    /^(.*?)(?::([\w][\w.-]*))?(?:@([a-z0-9]+:[a-fA-F0-9]+))?$/s.exec(rest) ?? []
  return { folder, name: digest ?? tag }
}

/** A named context as written: a folder made absolute, that of a layout too; what has another scheme stays. */
export function resolveContext(root: string, text: string): string {
  if (text.startsWith(layoutScheme)) return layoutScheme + resolve(root, text.slice(layoutScheme.length))
  return text.includes('://') || text.startsWith('target:') ? text : resolve(root, text)
}
