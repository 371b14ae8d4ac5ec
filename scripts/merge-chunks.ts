/**
 * Joins chunks that are loaded together anyway. esbuild makes a chunk for each set of entries that share code, some
 * fifty for a build, and each costs Node.js half a millisecond to find, read and link. All others are written anew to
 * take what they need from the joined file, so that every module stays one instance.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { build, type Metafile, type OutputFile, type Plugin } from 'esbuild'

export interface ChunkGroup {
  /** of the file, without `.js` */
  readonly name: string
  /** sources whose chunks, with all that these import at once, become one file */
  readonly sources: readonly string[]
}

interface Bundle {
  readonly folder: string
  /** by file name */
  readonly chunks: ReadonlyMap<string, Metafile['outputs'][string]>
  /** chunk -> the file it went into */
  readonly homes: Map<string, string>
}

/**
 * Rewrites a bundle in place. What several groups need is in the first of them. An entry that is run stays a file of its
 * own: a chunk that waited for it would wait for ever.
 *
 * @param metafile of the bundle, whose source maps are beside its files
 */
export async function mergeChunks(metafile: Metafile, groups: readonly ChunkGroup[]): Promise<void> {
  const outputs = Object.entries(metafile.outputs).filter(([path]) => path.endsWith('.js'))
  const folder = resolve(dirname(outputs[0]?.[0] ?? ''))
  const chunks = new Map(outputs.map(([path, output]) => [basename(path), output]))
  const bundle: Bundle = { folder, chunks, homes: new Map() }
  const written = new Map<string, string | Uint8Array>()
  const join = async (name: string, files: ReadonlySet<string>, contents: string) => {
    for (const { path, contents: bytes } of await joinFiles({ name, files, contents }, bundle))
      written.set(basename(path), bytes)
  }
  const isRun = (file: string) => !file.startsWith('chunk-')
  for (const { name, sources } of groups) {
    const loaded = new Set(sources.flatMap((source) => [...loadedBy(entryOf(source, chunks), chunks)]))
    const files = [...loaded].filter((file) => !isRun(file) && !bundle.homes.has(file))
    const contents = files.map((file) => `import './${file}'\n${exportsOf(file, file, bundle, 'to')}`)
    await join(`${name}.js`, new Set(files), contents.join('\n'))
    for (const file of files) bundle.homes.set(file, `${name}.js`)
  }
  for (const file of chunks.keys()) {
    // Not all of them with a star, which would leave out the default.
    const contents = `import './${file}'\nexport { ${chunks.get(file)!.exports.join(', ')} } from './${file}'`
    if (!bundle.homes.has(file)) await join(file, new Set([file]), contents)
  }
  for (const [file, home] of bundle.homes) {
    rmSync(resolve(folder, `${file}.map`))
    // Where an import() leads must stay.
    if (chunks.get(file)!.entryPoint === undefined) rmSync(resolve(folder, file))
    else written.set(file, exportsOf(file, home, bundle, 'from'))
  }
  for (const [file, text] of written) writeFileSync(resolve(folder, file), text)
}

function entryOf(source: string, chunks: Bundle['chunks']): string {
  const found = [...chunks].find(([, { entryPoint }]) => entryPoint === source)
  if (!found) throw new Error(`no chunk starts with ${source}`)
  return found[0]
}

/** A file and all that it imports at once. */
function loadedBy(file: string, chunks: Bundle['chunks'], found = new Set<string>()): Set<string> {
  if (found.has(file)) return found
  found.add(file)
  for (const { kind, path } of chunks.get(file)!.imports)
    if (kind === 'import-statement' && chunks.has(basename(path))) loadedBy(basename(path), chunks, found)
  return found
}

/** All that a chunk exports, taken from a file, `to` or `from` names that are unique in the bundle. */
function exportsOf(chunk: string, file: string, { chunks }: Bundle, way: 'to' | 'from'): string {
  const index = [...chunks.keys()].indexOf(chunk)
  const names = chunks.get(chunk)!.exports.map((name) => {
    const unique = `${name}_${index}`
    return way === 'to' ? `${name} as ${unique}` : `${unique} as ${name}`
  })
  return `export { ${names.join(', ')} } from './${file}'\n`
}

interface Joined {
  /** of the file */
  readonly name: string
  readonly files: ReadonlySet<string>
  /** what imports them, and says what the file exports */
  readonly contents: string
}

async function joinFiles({ name, files, contents }: Joined, bundle: Bundle): Promise<OutputFile[]> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: bundle.folder },
    outfile: resolve(bundle.folder, name),
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    target: 'node24',
    sourcemap: 'external',
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [filesFrom(files, bundle)],
    write: false,
  })
  return outputFiles
}

/** Takes in the files, refers to where those are that were joined before, and leaves all others where they are. */
function filesFrom(files: ReadonlySet<string>, bundle: Bundle): Plugin {
  const { folder, homes } = bundle
  return {
    name: 'files of a bundle',
    setup(context) {
      context.onResolve({ filter: /^\.\/[^/]+\.js$/ }, ({ path, kind }) => {
        const file = basename(path)
        if (kind === 'dynamic-import') return { path, external: true }
        if (files.has(file)) return { path: resolve(folder, file) }
        return homes.has(file) ? { path: file, namespace: 'joined' } : { path, external: true }
      })
      context.onLoad({ filter: /./, namespace: 'joined' }, ({ path }) => ({
        contents: exportsOf(path, homes.get(path)!, bundle, 'from'),
        resolveDir: folder,
      }))
      context.onLoad({ filter: /\.js$/, namespace: 'file' }, ({ path }) => ({
        contents: `${readFileSync(path, 'utf8')}\n//# sourceMappingURL=${basename(path)}.map\n`,
        resolveDir: folder,
      }))
    },
  }
}
