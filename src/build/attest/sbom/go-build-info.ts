/**
 * What the Go linker writes about a program (Go's `debug/buildinfo`): a 32-byte header with a magic, then the version
 * of Go and the module information, either right behind it (Go 1.18 and newer) or where two pointers say.
 */
import { readElf, type ElfFile } from './elf.ts'
import type { ByteFile } from './byte-file.ts'

export interface GoModule {
  readonly path: string
  /** such as `v1.2.3`, `(devel)`, or empty when the main module was built without one */
  readonly version: string
  /** `h1:` and base64 of a SHA-256, as in go.sum */
  readonly sum?: string
  /** what stands in for it (`replace` in go.mod) */
  readonly replace?: GoModule
}

export interface GoBuildInfo {
  /** such as `go1.24.2` */
  readonly goVersion: string
  /** import path of the main package */
  readonly path?: string
  readonly main?: GoModule
  readonly deps: readonly GoModule[]
  /** such as `vcs.revision`, `CGO_ENABLED`, `-tags` */
  readonly settings: Readonly<Record<string, string>>
}

const magic = Buffer.from('\xff Go buildinf:', 'latin1')
export const headerSize = 32
const alignment = 16
/** Without section headers the linker's place is the start of the data; this much of it is searched, as Go does. */
const searched = 1 << 20
/** Module information is some hundred kilobytes at most. */
const longestText = 8 << 20

/** Nothing for a file that is no ELF program of Go, or is damaged where its build information should be. */
export function readGoBuildInfo(file: ByteFile): GoBuildInfo | undefined {
  const elf = readElf(file)
  const range = elf?.hasSections ? elf.section('.go.buildinfo') : elf?.data
  if (!elf || !range) return undefined
  const bytes = file.read(range.offset, Math.min(range.size, searched))
  for (const start of magicOffsets(bytes, range.offset)) {
    const info = infoAt(file, elf, range.offset + start)
    if (info) return info
  }
  return undefined
}

/**
 * Where the magic stands as the linker aligns it.
 * @param position of the bytes in their file
 */
export function* magicOffsets(bytes: Buffer, position = 0): Generator<number> {
  for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1))
    if ((position + at) % alignment === 0) yield at
}

function infoAt(file: ByteFile, elf: ElfFile, offset: number): GoBuildInfo | undefined {
  const header = file.read(offset, headerSize)
  if (header.length < headerSize) return undefined
  if (isInline(header)) {
    const info = inlineInfo(file, offset + headerSize)
    return info === 'short' ? undefined : info
  }
  const size = header[14]!
  if (size !== 4 && size !== 8) return undefined
  const read = pointerReader(size, (header[15]! & 1) === 1)
  const [version, modules] = [16, 16 + size].map((at) => pointedText(file, elf, read(header, at), read))
  return version && parseModuleInfo(version.toString(), modules ?? Buffer.alloc(0))
}

/** Whether the texts follow the header (Go 1.18 and newer). */
export function isInline(header: Buffer): boolean {
  return (header[15]! & 2) === 2
}

/** The texts right behind a header; `short` when the file ends within them. */
export function inlineInfo(file: ByteFile, offset: number): GoBuildInfo | 'short' | undefined {
  const version = inlineText(file, offset)
  if (typeof version !== 'object') return version
  if (!isGoVersion(version.bytes.toString())) return undefined
  const modules = inlineText(file, version.end)
  return typeof modules === 'object' ? parseModuleInfo(version.bytes.toString(), modules.bytes) : modules
}

/** A text with its length before it, as an unsigned varint. */
function inlineText(file: ByteFile, offset: number): { bytes: Buffer; end: number } | 'short' | undefined {
  const head = file.read(offset, 5)
  let [length, unit] = [0, 1]
  for (const [index, byte] of head.entries()) {
    length += (byte & 0x7f) * unit
    unit *= 128
    if (byte >= 0x80) continue
    if (length > longestText) return undefined
    const start = offset + index + 1
    const bytes = file.read(start, length)
    return bytes.length === length ? { bytes, end: start + length } : 'short'
  }
  return head.length < 5 ? 'short' : undefined
}

interface PointerReader {
  (bytes: Buffer, at: number): number
  readonly size: 4 | 8
}

function pointerReader(size: 4 | 8, isBigEndian: boolean): PointerReader {
  const narrow = (bytes: Buffer, at: number) =>
    isBigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)
  const wide = (bytes: Buffer, at: number) =>
    Number(isBigEndian ? bytes.readBigUInt64BE(at) : bytes.readBigUInt64LE(at))
  return Object.assign(size === 4 ? narrow : wide, { size })
}

/** A Go string by the address of its header: a pointer and a length. */
function pointedText(file: ByteFile, elf: ElfFile, address: number, read: PointerReader): Buffer | undefined {
  const headerAt = elf.offsetOf(address)
  if (headerAt === undefined) return undefined
  const header = file.read(headerAt, 2 * read.size)
  if (header.length < 2 * read.size) return undefined
  const length = read(header, read.size)
  const start = elf.offsetOf(read(header, 0))
  if (start === undefined || length > longestText) return undefined
  const bytes = file.read(start, length)
  return bytes.length === length ? bytes : undefined
}

/**
 * The lines between the two 16-byte marks that frame module information.
 * Nothing when the version is not one of Go; a program built without modules has only its version.
 */
export function parseModuleInfo(goVersion: string, framed: Buffer): GoBuildInfo | undefined {
  if (!isGoVersion(goVersion)) return undefined
  const isFramed = framed.length >= 33 && framed[framed.length - 17] === 0x0a
  const text = isFramed ? framed.subarray(16, -16).toString('utf8') : ''
  const settings: Record<string, string> = {}
  const deps: GoModule[] = []
  let path: string | undefined
  let main: GoModule | undefined
  for (const line of text.split('\n')) {
    const [kind, ...fields] = line.split('\t')
    if (kind === 'path') path = fields[0]
    else if (kind === 'mod' && fields[0]) main = moduleOf(fields)
    else if (kind === 'dep' && fields[0]) deps.push(moduleOf(fields))
    else if (kind === '=>' && fields[0]) {
      // it belongs to the line before, and the main module comes before all others
      const replaced = deps.pop()
      if (replaced) deps.push({ ...replaced, replace: moduleOf(fields) })
      else if (main) main = { ...main, replace: moduleOf(fields) }
    } else if (kind === 'build') {
      const [key, value] = splitSetting(fields.join('\t'))
      settings[key] = value
    }
  }
  return { goVersion, ...(path && { path }), ...(main && { main }), deps, settings }
}

function isGoVersion(text: string): boolean {
  return /^(?:go\d|devel)/.test(text)
}

function moduleOf([path = '', version = '', sum = '']: readonly string[]): GoModule {
  return { path, version, ...(sum !== '' && { sum }) }
}

/** `key=value`, either side quoted as Go quotes when it holds what would not stand in a line. */
function splitSetting(text: string): [string, string] {
  const quoted = /^("(?:[^"\\]|\\.)*"|`[^`]*`)=/.exec(text)?.[1]
  const equals = quoted === undefined ? text.indexOf('=') : quoted.length
  if (equals < 0) return [text, '']
  return [unquote(text.slice(0, equals)), unquote(text.slice(equals + 1))]
}

function unquote(text: string): string {
  if (/^`[^`]*`$/.test(text)) return text.slice(1, -1)
  if (!/^"(?:[^"\\]|\\.)*"$/.test(text)) return text
  try {
    return JSON.parse(text) as string
  } catch {
    // an escape that Go has and JSON has not
    return text.slice(1, -1)
  }
}
