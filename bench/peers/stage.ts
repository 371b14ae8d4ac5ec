/** Build contexts for builders that know no virtual context: a real folder, laid out as Istio's docker-copy does. */
import { link, lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export interface StagedFile {
  /** path in the context, such as `licenses` or `amd64/esbuild` */
  readonly name: string
  /** file or folder */
  readonly source: string
}

/**
 * Makes the folder anew with the files in it. They are hard links: a copy of 1.4 GB for each image is not asked of
 * anybody, and nobody's cache of the disk is colder than that of another.
 */
export async function stageContext(folder: string, files: readonly StagedFile[]): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  const sources = new Map<string, string>()
  for (const { name, source } of files) {
    const other = sources.get(name)
    if (other === source) continue
    if (other !== undefined) throw new Error(`${name} would come from ${other} and from ${source}`)
    sources.set(name, source)
    await linkTree(source, join(folder, name))
  }
}

async function linkTree(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true })
  if (!(await lstat(source)).isDirectory()) return link(source, target)
  await mkdir(target, { recursive: true })
  for (const name of await readdir(source)) await linkTree(join(source, name), join(target, name))
}
