/** The variables that tell artifacts and paths of a plan which platform they are for. */
import { join } from 'node:path'
import type { Platform } from '../../oci/index.ts'

/**
 * TARGET_OS, TARGET_ARCH, TARGET_VARIANT (empty when there is none), TARGET_OUT `<root>/out/<os>_<arch>` and
 * TARGET_OUT_LINUX `<root>/out/linux_<arch>`; an architecture with a variant has its own folder, `linux_arm_v7`.
 */
export function platformVariables(root: string, platform: Platform): ReadonlyMap<string, string> {
  const { os, architecture, variant = '' } = platform
  const folder = variant === '' ? architecture : `${architecture}_${variant}`
  return new Map([
    ['TARGET_OS', os],
    ['TARGET_ARCH', architecture],
    ['TARGET_VARIANT', variant],
    ['TARGET_OUT', join(root, 'out', `${os}_${folder}`)],
    ['TARGET_OUT_LINUX', join(root, 'out', `linux_${folder}`)],
  ])
}

/** Names of the variables of a platform. */
export const platformVariableNames: ReadonlySet<string> = new Set([
  'TARGET_OS',
  'TARGET_ARCH',
  'TARGET_VARIANT',
  'TARGET_OUT',
  'TARGET_OUT_LINUX',
])
