/** Platforms `os/architecture[/variant]` (image-index.md, "platform"; containerd's normalisation). */
import { Failure } from '../base/index.ts'

export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
  readonly 'os.version'?: string
  readonly 'os.features'?: readonly string[]
}

const architectureAliases = new Map([
  ['x86_64', 'amd64'],
  ['x86-64', 'amd64'],
  ['i386', '386'],
  ['i686', '386'],
  ['aarch64', 'arm64'],
  ['armhf', 'arm/v7'],
  ['armel', 'arm/v6'],
])

const component = /^[A-Za-z0-9_-]+$/

/**
 * `linux/amd64`, `linux/arm64/v8`, `linux/arm/v7`; aliases such as `aarch64` are normalised, `arm64/v8` and
 * `amd64/v1` lose their default variant and `arm` gains `v7`.
 * @throws Failure PLATFORM_INVALID
 */
export function parsePlatform(text: string): Platform {
  const parts = text.toLowerCase().split('/')
  if (parts.length < 2 || parts.length > 3 || !parts.every((part) => component.test(part))) {
    throw new Failure('PLATFORM_INVALID', `"${text}" is not a platform`, {
      hint: 'write it as os/architecture[/variant], such as linux/amd64 or linux/arm/v7',
    })
  }
  const [os = '', rawArchitecture = '', rawVariant] = parts
  const [architecture = '', impliedVariant] = (
    architectureAliases.get(rawArchitecture) ?? rawArchitecture
  ).split('/')
  return normalisePlatform({ os, architecture, variant: rawVariant ?? impliedVariant ?? '' })
}

/** The platform with default variants dropped (`arm64/v8`, `amd64/v1`) and `arm` without a variant read as `v7`. */
export function normalisePlatform(platform: {
  os: string
  architecture: string
  variant?: string
}): Platform {
  const { os, architecture } = platform
  let variant = platform.variant ?? ''
  if (architecture === 'arm64' && (variant === 'v8' || variant === '8')) variant = ''
  if (architecture === 'amd64' && variant === 'v1') variant = ''
  if (architecture === 'arm') variant = variant === '' ? 'v7' : variant.replace(/^(\d)$/, 'v$1')
  return variant === '' ? { os, architecture } : { os, architecture, variant }
}

export function formatPlatform(platform: Platform): string {
  const base = `${platform.os}/${platform.architecture}`
  return platform.variant ? `${base}/${platform.variant}` : base
}

/** Whether `candidate` (as a base says it) is the platform asked for; default variants count as absent. */
export function samePlatform(wanted: Platform, candidate: Platform): boolean {
  return formatPlatform(normalisePlatform(wanted)) === formatPlatform(normalisePlatform(candidate))
}

/** The platform of this process, always `linux` as its OS, for that is what containers run on. */
export function hostPlatform(architecture: string = process.arch): Platform {
  const names: Record<string, string> = { x64: 'amd64', ia32: '386', arm: 'arm' }
  return normalisePlatform({ os: 'linux', architecture: names[architecture] ?? architecture })
}
