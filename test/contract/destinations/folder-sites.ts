/** Layouts and archives as sites of the destination contract, read by skopeo. */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { archiveDestination, fileSink, layoutDestination } from '../../../src/build/index.ts'
import type { Index } from '../../../src/oci/index.ts'
import { runProgram } from '../../support/program.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import type { Site } from '../destination.ts'

export async function layoutSite(): Promise<Site> {
  const folder = await temporaryFolder()
  const layout = folder.join('layout')
  return {
    open: (options) => layoutDestination(layout, options),
    names: async () => namesIn(await textOf(`${layout}/index.json`)),
    digestOf: (name) => rawDigest(['inspect', '--raw', `oci:${layout}:${name}`]),
    expected: ({ top }) => top.descriptor.digest,
    others: () => readdir(folder.path, { recursive: true }),
    close: folder.remove,
  }
}

/** Each run writes the archive anew, so it holds the names of the last run only: names of runs before are kept in mind. */
export function archiveSite(format: 'oci' | 'docker'): () => Promise<Site> {
  return async () => {
    const folder = await temporaryFolder()
    let runs = 0
    const path = () => folder.join(`${runs}.tar`)
    const archives = async () =>
      (await readdir(folder.path)).filter((name) => name.endsWith('.tar')).map((name) => folder.join(name))
    const namesOf = async (archive: string): Promise<string[]> => {
      const { stdout } = await runProgram('tar', ['xOf', archive, 'index.json'])
      return namesIn(stdout)
    }
    const holderOf = async (name: string): Promise<string> => {
      for (const archive of (await archives()).toSorted(byTime))
        if ((await namesOf(archive)).includes(name)) return archive
      throw new Error(`no archive has ${name}`)
    }
    return {
      async open(options) {
        runs++
        return archiveDestination(await fileSink(path(), options.tally), format, options)
      },
      names: async () => [...new Set((await Promise.all((await archives()).map(namesOf))).flat())],
      async digestOf(name) {
        const archive = await holderOf(name)
        return format === 'oci'
          ? rawDigest(['inspect', '--raw', `oci-archive:${archive}:${name}`])
          : rawDigest(['inspect', '--config', '--raw', `docker-archive:${archive}:${name}`])
      },
      expected: ({ top, platforms }) => (format === 'oci' ? top : platforms[0]!.config).descriptor.digest,
      others: async () => (await readdir(folder.path)).toSorted(),
      close: folder.remove,
    }
  }
}

/** The archive of the last run first. */
function byTime(a: string, b: string): number {
  const number = (path: string) => Number(/(\d+)\.tar$/.exec(path)?.[1])
  return number(b) - number(a)
}

function namesIn(index: string | undefined): string[] {
  if (index === undefined) return []
  const { manifests } = JSON.parse(index) as Index
  return manifests.flatMap(({ annotations }) => annotations?.['org.opencontainers.image.ref.name'] ?? [])
}

async function textOf(path: string): Promise<string | undefined> {
  return existsSync(path) ? readFile(path, 'utf8') : undefined
}

async function rawDigest(args: readonly string[]): Promise<string> {
  const { stdout } = await runProgram('skopeo', ['--insecure-policy', ...args])
  return `sha256:${createHash('sha256').update(stdout).digest('hex')}`
}
