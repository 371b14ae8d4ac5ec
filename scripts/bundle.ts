/** Bundles the CLI into `dist/`. */
import { rmSync } from 'node:fs'
import { build } from 'esbuild'
import { bundleOptions, chunkGroups, workerOptions } from './bundle-options.ts'
import { mergeChunks } from './merge-chunks.ts'

rmSync('dist', { recursive: true, force: true })
await build(workerOptions)
const { metafile } = await build({ ...bundleOptions, metafile: true })
await mergeChunks(metafile, chunkGroups)
