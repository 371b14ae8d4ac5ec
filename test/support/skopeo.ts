/** skopeo, an independent reader of registries and layouts (Debian package `skopeo`). */
import { runProgram, type ProgramOptions } from './program.ts'

// The newest skopeo wants a policy file, and an empty HOME has none.
const common = ['--insecure-policy']

export interface SkopeoCopy extends ProgramOptions {
  /** `all` platforms of an index, or one such as `linux/arm64`; default: `all` */
  readonly platform?: string
}

/**
 * Copies an image between transports such as `docker://127.0.0.1:5000/a:b`, `oci:FOLDER:TAG`, `docker-archive:FILE`.
 * Registries are spoken to in plain HTTP. Digests are kept, or the copy fails.
 */
export async function skopeoCopy(from: string, to: string, options: SkopeoCopy = {}): Promise<void> {
  const { platform = 'all', ...rest } = options
  const plain = ['--src-tls-verify=false', '--dest-tls-verify=false']
  const what = platform === 'all' ? ['--all', '--preserve-digests'] : []
  await runProgram(
    'skopeo',
    [...common, ...platformFlags(platform), 'copy', ...plain, ...what, from, to],
    rest,
  )
}

/** The raw bytes of a manifest or index. */
export async function skopeoManifest(image: string, options: ProgramOptions = {}): Promise<string> {
  const { stdout } = await runProgram(
    'skopeo',
    [...common, 'inspect', '--tls-verify=false', '--raw', image],
    options,
  )
  return stdout
}

/** What skopeo says of an image of one platform, as JSON: `Digest`, `Architecture`, `Layers`, `Env`, `Labels`. */
export async function skopeoInspect(
  image: string,
  options: ProgramOptions & { readonly platform?: string } = {},
): Promise<Record<string, unknown>> {
  const { platform = 'linux/amd64', ...rest } = options
  const { stdout } = await runProgram(
    'skopeo',
    [...common, ...platformFlags(platform), 'inspect', '--tls-verify=false', image],
    rest,
  )
  return JSON.parse(stdout) as Record<string, unknown>
}

function platformFlags(platform: string): string[] {
  if (platform === 'all') return []
  const [os = '', architecture = '', variant] = platform.split('/')
  const flags = ['--override-os', os, '--override-arch', architecture]
  return variant === undefined ? flags : [...flags, '--override-variant', variant]
}
