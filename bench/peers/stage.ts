/** Build contexts for builders that know no virtual context: a real folder, laid out as Istio's docker-copy does. */
import { cp, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export interface StagedFile {
  /** path in the context, such as `licenses` or `amd64/esbuild` */
  readonly name: string
  /** file or folder to copy; links inside are copied as links */
  readonly source: string
}

/** Copies the files into the folder. A name that is there twice must come from one source. */
export async function stageContext(folder: string, files: readonly StagedFile[]): Promise<void> {
  const sources = new Map<string, string>()
  for (const { name, source } of files) {
    const other = sources.get(name)
    if (other === source) continue
    if (other !== undefined) throw new Error(`${name} would come from ${other} and from ${source}`)
    sources.set(name, source)
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await cp(source, join(folder, name), {
      recursive: true,
      verbatimSymlinks: true,
      preserveTimestamps: true,
    })
  }
}
