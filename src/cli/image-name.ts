/**
 * Where an image is, as people and skopeo write it: `docker://`, `oci:`, `oci-archive:`, `docker-archive:`,
 * `docker-daemon:`, a path, or a reference for an image in a registry.
 */
import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { Failure } from '../base/index.ts'
import type { ArchiveFormat } from '../build/index.ts'
import { parseReference, type Reference } from '../oci/index.ts'

export type ImageName =
  | { readonly kind: 'registry'; readonly reference: Reference }
  /** `name`: which image of several; `isPlain`: given as a path, without a transport */
  | {
      readonly kind: 'layout'
      readonly path: string
      readonly name?: string | undefined
      readonly isPlain: boolean
    }
  | {
      readonly kind: 'archive'
      readonly format: ArchiveFormat
      readonly path: string
      readonly name?: string | undefined
      readonly isPlain: boolean
    }
  | { readonly kind: 'daemon'; readonly name: string }

const others = new Map([
  ['dir', 'write oci:PATH for a folder'],
  ['containers-storage', 'push from podman, or save with podman save'],
  ['tarball', 'ADD it in a Dockerfile'],
  ['ostree', ''],
  ['sif', ''],
])

/**
 * A text without a transport is a path when something is there, when it begins with "/", "./" or "../", or ends in
 * ".tar"; else a reference. `PATH:NAME` picks an image of an existing path.
 * @throws Failure USAGE | REFERENCE_INVALID
 */
export function parseImageName(text: string, directory: string): ImageName {
  const [transport, rest] = splitOnce(text)
  if (rest !== undefined) {
    if (transport === 'docker' && rest.startsWith('//'))
      return { kind: 'registry', reference: parseReference(rest.slice(2)) }
    if (transport === 'docker-daemon') return { kind: 'daemon', name: needed(rest, text) }
    if (transport === 'oci') return { kind: 'layout', ...pathAndName(rest, text, directory), isPlain: false }
    if (transport === 'oci-archive' || transport === 'docker-archive') {
      const format = transport === 'oci-archive' ? 'oci' : 'docker'
      return { kind: 'archive', format, ...pathAndName(rest, text, directory), isPlain: false }
    }
    if (others.has(transport) && !existsSync(resolve(directory, text))) {
      throw new Failure('USAGE', `images cannot be read from or written to ${transport}: here`, {
        hint:
          others.get(transport) || 'docker://, oci:, oci-archive:, docker-archive: and docker-daemon: can be',
      })
    }
  }
  const place = existingPath(text, directory)
  if (place) return { ...place, isPlain: true }
  if (/^(?:\/|\.\.?(?:\/|$))|\.tar$/.test(text)) {
    const path = resolve(directory, text)
    return text.endsWith('.tar')
      ? { kind: 'archive', format: 'any', path, isPlain: true }
      : { kind: 'layout', path, isPlain: true }
  }
  return { kind: 'registry', reference: parseReference(text) }
}

type Place =
  | { readonly kind: 'layout'; readonly path: string; readonly name?: string }
  | { readonly kind: 'archive'; readonly format: 'any'; readonly path: string; readonly name?: string }

/** The longest beginning of the text, up to a colon, that is there. */
function existingPath(text: string, directory: string): Place | undefined {
  for (let end = text.length; end > 0; end = text.lastIndexOf(':', end - 1)) {
    const path = resolve(directory, text.slice(0, end))
    const stats = statSync(path, { throwIfNoEntry: false })
    const name = text.slice(end + 1)
    if (stats?.isDirectory() && isLayoutLike(path)) return { kind: 'layout', path, ...(name && { name }) }
    if (stats?.isFile()) return { kind: 'archive', format: 'any', path, ...(name && { name }) }
  }
  return undefined
}

/** A folder of sources that is called like an image is not meant. */
function isLayoutLike(folder: string): boolean {
  return existsSync(resolve(folder, 'oci-layout')) || existsSync(resolve(folder, 'index.json'))
}

function pathAndName(rest: string, text: string, directory: string): { path: string; name?: string } {
  const [path, name] = splitOnce(rest)
  return { path: resolve(directory, needed(path, text)), ...(name && { name }) }
}

function splitOnce(text: string): [string, string?] {
  const colon = text.indexOf(':')
  return colon < 0 ? [text] : [text.slice(0, colon), text.slice(colon + 1)]
}

function needed(part: string, text: string): string {
  if (part !== '') return part
  throw new Failure('USAGE', `"${text}" names no image`)
}
