/** Which bake and compose files there are, as buildx and Docker Compose look for them. */
import { existsSync } from 'node:fs'
import { delimiter, resolve } from 'node:path'

const composeFiles = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml']
const composeOverrides = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
]
const bakeFiles = [
  'docker-bake.json',
  'docker-bake.hcl',
  'docker-bake.override.json',
  'docker-bake.override.hcl',
]

/**
 * Files of `directory` in the order they are merged. BUILDX_BAKE_FILE names them instead (several with the separator of
 * PATH, or BUILDX_BAKE_FILE_SEPARATOR). With bake files, all of buildx's names that are there; without, the first
 * compose file and its override, as `docker compose` takes them.
 */
export function findBakeFiles(
  directory: string,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  const named = env['BUILDX_BAKE_FILE']
  if (named !== undefined && named !== '')
    return named
      .split(env['BUILDX_BAKE_FILE_SEPARATOR'] || delimiter)
      .map((file) => file.trim())
      .filter((file) => file !== '')
  const present = (files: readonly string[]): string[] =>
    files.filter((file) => existsSync(resolve(directory, file)))
  const bake = present(bakeFiles)
  const compose = present(composeFiles)
  if (bake.length > 0) return [...compose, ...bake]
  return compose.length === 0 ? [] : [compose[0]!, ...present(composeOverrides).slice(0, 1)]
}

export function isComposeFile(file: string): boolean {
  return /\.ya?ml$/i.test(file)
}
