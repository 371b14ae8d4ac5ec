/**
 * The script of the page. Run from source it is bundled when it is needed; in a build of the program this file is
 * replaced by its result (scripts/bundle-options.ts), so that no bundler is needed then.
 */
import { fileURLToPath } from 'node:url'

export async function pageScript(): Promise<string> {
  return buildPageScript()
}

/** One classic script without imports. */
export async function buildPageScript(): Promise<string> {
  const { build } = await import('esbuild')
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./page/main.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
  })
  return outputFiles[0]!.text
}
