/** Bundles the CLI into `dist/`: one small entry, a chunk per command, heavy libraries only in the chunks that need them. */
import { rmSync } from 'node:fs'
import { build } from 'esbuild'

rmSync('dist', { recursive: true, force: true })
await build({
  entryPoints: { cli: 'src/cli/main.ts', 'hash-worker': 'src/layer/hash-worker.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  chunkNames: 'chunk-[name]-[hash]',
  minifySyntax: true,
  sourcemap: 'external',
  legalComments: 'none',
  // yaml and commander are CommonJS inside; their require() of Node.js built-ins needs a real require.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  // Writers of XML that the library of CycloneDX can do without, and does.
  external: ['xmlbuilder2'],
  logLevel: 'warning',
})
