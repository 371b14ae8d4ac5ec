/** Platforms as FROM --platform takes them: `linux/arm64`, `linux`, `arm64`, with the usual aliases. */
import type { LintPlatform } from './finding.ts'

const systems = new Set(
  'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows zos'.split(
    ' ',
  ),
)
const architectures = new Set(
  '386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm'.split(
    ' ',
  ),
)
const aliases = new Map([
  ['macos', 'darwin'],
  ['i386', '386'],
  ['x86_64', 'amd64'],
  ['x86-64', 'amd64'],
  ['aarch64', 'arm64'],
  ['armhf', 'arm'],
  ['armel', 'arm'],
])

/** The platform, what is not said from `host`; nothing when the text is no platform. */
export function readPlatform(text: string, host: LintPlatform): LintPlatform | undefined {
  const parts = text.replace(/^([^/(]+)\([^)]*\)/u, '$1').split('/')
  if (parts.length > 3 || !parts.every((part) => /^[A-Za-z0-9_.-]+$/u.test(part))) return undefined
  const [first = '', second, variant] = parts.map(
    (part) => aliases.get(part.toLowerCase()) ?? part.toLowerCase(),
  )
  if (second !== undefined)
    return { os: first, architecture: second, ...(variant !== undefined && { variant }) }
  if (systems.has(first)) return { os: first, architecture: host.architecture }
  if (architectures.has(first)) return { os: host.os, architecture: first }
  return undefined
}

export function formatLintPlatform({ os, architecture, variant }: LintPlatform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join('/')
}
