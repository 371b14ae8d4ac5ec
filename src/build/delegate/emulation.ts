/** Which foreign platforms this machine runs: binfmt_misc handlers of QEMU (kernel documentation, binfmt-misc). */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { hostPlatform, parsePlatform, samePlatform, type Platform } from '../../oci/index.ts'

/** Names of QEMU's user emulators, as its packages register them. */
const handlers = new Map([
  ['qemu-aarch64', ['linux/arm64']],
  ['qemu-arm', ['linux/arm/v7', 'linux/arm/v6', 'linux/arm/v5']],
  ['qemu-i386', ['linux/386']],
  ['qemu-x86_64', ['linux/amd64']],
  ['qemu-ppc64le', ['linux/ppc64le']],
  ['qemu-s390x', ['linux/s390x']],
  ['qemu-riscv64', ['linux/riscv64']],
  ['qemu-mips64el', ['linux/mips64le']],
  ['qemu-loongarch64', ['linux/loong64']],
])

/** Platforms that enabled handlers run; none where there is no binfmt_misc. */
export function emulatedPlatforms(folder = '/proc/sys/fs/binfmt_misc'): Platform[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch {
    return []
  }
  return names
    .filter((name) => handlers.has(name) && isEnabled(join(folder, name)))
    .flatMap((name) => handlers.get(name)!.map(parsePlatform))
}

/** Whether commands for a platform run on this machine, by its processor or by emulation. */
export function runsHere(
  platform: Platform,
  host: Platform = hostPlatform(),
  emulated: readonly Platform[] = emulatedPlatforms(),
): boolean {
  const own = host.architecture === 'amd64' ? [host, { os: host.os, architecture: '386' }] : [host]
  return [...own, ...emulated].some((candidate) => samePlatform(platform, candidate))
}

function isEnabled(path: string): boolean {
  try {
    return readFileSync(path, 'utf8').startsWith('enabled')
  } catch {
    return false
  }
}
