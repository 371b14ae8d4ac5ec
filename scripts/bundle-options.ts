/** How the CLI is bundled: one small entry, a chunk per command, heavy libraries only in the chunks that need them. */
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import type { BuildOptions, Plugin } from 'esbuild'
import { buildPageScript } from '../src/approvals/render/page-script.ts'
import type { ChunkGroup } from './merge-chunks.ts'

const sources = createHash('sha256')
for (const file of globSync('src/**/*.ts').toSorted()) sources.update(file).update(readFileSync(file))

/** Puts the finished script of the approvals page in the place of what would make it. */
const pageScript: Plugin = {
  name: 'page-script',
  setup: (build) =>
    build.onLoad({ filter: /approvals\/render\/page-script\.ts$/ }, async () => ({
      contents: `export async function pageScript() { return ${JSON.stringify(await buildPageScript())} }`,
    })),
}

const commonOptions = {
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  chunkNames: 'chunk-[name]-[hash]',
  minifySyntax: true,
  define: { 'process.env.SLIPWAY_BUILD': JSON.stringify(sources.digest('hex').slice(0, 16)) },
  sourcemap: 'external',
  legalComments: 'none',
  // yaml and commander are CommonJS inside; their require() of Node.js built-ins needs a real require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  // A writer of XML that the library of CycloneDX can do without, and does; a native renderer, which cannot be bundled.
  external: ['xmlbuilder2', '@resvg/resvg-js'],
  // The deprecated built-in of this name would warn whoever loads the library that asks for it.
  alias: { punycode: 'punycode/punycode.js' },
  plugins: [pageScript],
  logLevel: 'warning',
} as const satisfies BuildOptions

export const bundleOptions = {
  ...commonOptions,
  entryPoints: { cli: 'src/cli/main.ts' },
  splitting: true,
} as const satisfies BuildOptions

/** A thread has instances of its own of everything, and is to start with as little as it needs. */
export const workerOptions = {
  ...commonOptions,
  entryPoints: { 'hash-worker': 'src/layer/hash-worker.ts' },
} as const satisfies BuildOptions

/** What every command loads; what a build loads; what it loads to evaluate an image. */
export const chunkGroups: readonly ChunkGroup[] = [
  { name: 'commands', sources: ['src/cli/main.ts'] },
  { name: 'images', sources: ['src/cli/bake.ts', 'src/cli/build.ts'] },
  { name: 'evaluation', sources: ['src/build/evaluate/evaluate.ts', 'src/build/contexts.ts'] },
]
