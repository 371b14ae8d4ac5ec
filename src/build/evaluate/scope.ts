/**
 * Build arguments and environment, as a Dockerfile sees them (Dockerfile reference, "ARG", "Scope").
 * ENV and ARG share one list of variables and the later one wins; only ENV reaches the image.
 */
import type { Environment } from '../../dockerfile/index.ts'
import { formatPlatform, type Platform } from '../../oci/index.ts'

/** Accepted from the command line without a declaration and never part of the image. */
const proxyArgs = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY']
const undeclared = new Set([
  ...proxyArgs,
  ...proxyArgs.map((name) => name.toLowerCase()),
  'SOURCE_DATE_EPOCH',
])

export interface Platforms {
  /** the platform the image is for */
  readonly target: Platform
  /** the platform the build runs on */
  readonly build: Platform
  /** name of the stage that is built, for TARGETSTAGE */
  readonly stage?: string | undefined
}

/** Values known before the first FROM: platform arguments, with those given by the user in their place. */
export function platformArgs(
  platforms: Platforms,
  given: Readonly<Record<string, string>>,
): Map<string, string> {
  const args = new Map<string, string>()
  for (const [prefix, platform] of [
    ['BUILD', platforms.build],
    ['TARGET', platforms.target],
  ] as const) {
    args.set(`${prefix}PLATFORM`, formatPlatform(platform))
    args.set(`${prefix}OS`, platform.os)
    args.set(`${prefix}OSVERSION`, platform['os.version'] ?? '')
    args.set(`${prefix}ARCH`, platform.architecture)
    args.set(`${prefix}VARIANT`, platform.variant ?? '')
  }
  args.set('TARGETSTAGE', platforms.stage ?? 'default')
  for (const name of args.keys()) if (given[name] !== undefined) args.set(name, given[name])
  return args
}

/** Whether `--build-arg NAME=` is fine without an ARG for it. */
export function needsNoDeclaration(name: string): boolean {
  return undeclared.has(name)
}

/** The variables of one stage at one point. */
export interface Scope extends Environment {
  set(name: string, value: string): void
  clone(): Scope
}

export function newScope(variables: Iterable<readonly [string, string]> = []): Scope {
  const values = new Map(variables)
  return {
    get: (name) => values.get(name),
    set: (name, value) => void values.set(name, value),
    clone: () => newScope(values),
  }
}

/** `NAME=value` lines of an image config as pairs; a line without "=" has an empty value. */
export function parseEnv(lines: readonly string[] | undefined): (readonly [string, string])[] {
  return (lines ?? []).map((line) => {
    const equals = line.indexOf('=')
    return equals < 0 ? [line, ''] : [line.slice(0, equals), line.slice(equals + 1)]
  })
}

/** The lines with one variable replaced where it stands, or added at the end. */
export function replaceEnv(lines: readonly string[] | undefined, name: string, value: string): string[] {
  const line = `${name}=${value}`
  const index = (lines ?? []).findIndex((candidate) => candidate === name || candidate.startsWith(`${name}=`))
  return index < 0 ? [...(lines ?? []), line] : lines!.with(index, line)
}
