/** Bundles the CLI into `dist/`. */
import { rmSync } from 'node:fs'
import { build } from 'esbuild'
import { bundleOptions } from './bundle-options.ts'

rmSync('dist', { recursive: true, force: true })
await build(bundleOptions)
