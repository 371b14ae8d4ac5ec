#!/usr/bin/env node
// Refuse an old Node.js before anything is imported that it could not parse.
import module from 'node:module'
import os from 'node:os'

const [major] = process.versions.node.split('.').map(Number)
if (major < 24) {
  console.error(`error: slipway needs Node.js 24 or newer, this is ${process.version} (${process.execPath})`)
  console.error('  hint: npm run and npx use the one this package brings; or install Node.js 24')
  process.exit(2)
}
// Layers are compressed on the thread pool, which takes its size from here when it is first used; 4 if nothing is said.
process.env.UV_THREADPOOL_SIZE ??= String(Math.max(4, Math.min(8, os.availableParallelism()) + 2))
module.enableCompileCache?.()
await import('../dist/cli.js')
