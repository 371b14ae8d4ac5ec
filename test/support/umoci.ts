/** umoci, an independent unpacker of OCI layouts (Debian package `umoci`). */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram, type ProgramOptions } from './program.ts'

export interface Bundle {
  /** folder with `config.json` and `rootfs`, ready for `runc run --bundle` */
  readonly path: string
  /** the file tree of the image, as a container would see it */
  readonly rootfs: string
  /** `config.json` of the runtime-spec that umoci made of the image config */
  readonly config: Record<string, unknown>
}

/**
 * Unpacks one image of a layout into a folder that must not exist. Owners and modes are real: this needs root.
 * umoci takes tags only, and none that names an index of several platforms: copy one platform out with skopeo first.
 */
export async function umociUnpack(
  layout: string,
  tag: string,
  folder: string,
  options: ProgramOptions = {},
): Promise<Bundle> {
  await runProgram('umoci', ['unpack', '--image', `${layout}:${tag}`, folder], options)
  const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as Record<string, unknown>
  return { path: folder, rootfs: join(folder, 'rootfs'), config }
}
