/**
 * `crane append` and `crane mutate` as a script: for each image, variant and platform one tar of its files, appended to
 * the base and given its config, then an index of the platforms. Two images at a time, one for each processor.
 */
import { link, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cpus } from 'node:os'
import { all, limit } from '../../src/base/index.ts'
import { buildGoPrograms, crane } from '../../test/support/go-programs.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { measure, type run } from '../usage.ts'
import { imageFiles, type FilesOfImage, type FilesOfPlatform } from './image-files.ts'
import type { Peer, PeerOptions } from './peer.ts'

export async function startCrane(options: PeerOptions): Promise<Peer> {
  const program = join(await buildGoPrograms(crane), 'crane')
  const folder = await temporaryFolder()
  let images: readonly FilesOfImage[] = []
  return {
    name: `crane ${crane.version} append and mutate, always gzip`,
    mostRounds: 1,
    async prepare() {
      images = await imageFiles(options)
      await rm(folder.join('trees'), { recursive: true, force: true })
      for (const { name, platforms } of images)
        for (const platform of platforms)
          await layOut(folder.join('trees', name, platform.architecture), platform)
    },
    bake: () =>
      measure(async (start) => {
        for (const isBase of [true, false]) {
          const slots = limit(cpus().length)
          const some = images.filter((image) => image.isBase === isBase)
          // Variants share layers; docker-registry loses one of two uploads of a blob at the same time.
          const repositories = Object.groupBy(some, ({ reference }) => reference.replace(/:[^:]*$/, ''))
          await all(Object.values(repositories), (variants = []) =>
            slots(async () => {
              for (const image of variants) await publish(image, { start, program, folder: folder.path })
            }),
          )
        }
      }),
    forget: async () => undefined,
    [Symbol.asyncDispose]: folder.remove,
  }
}

/** The files of an image as they are in it; hard links, and owners and modes are left to the tar. */
async function layOut(root: string, { files }: FilesOfPlatform): Promise<void> {
  await mkdir(root, { recursive: true })
  for (const [path, { source, link: target, type }] of Object.entries(files)) {
    const to = join(root, path)
    await mkdir(type === 'directory' ? to : dirname(to), { recursive: true })
    if (type === 'symlink') await symlink(target ?? '', to)
    else if (source !== undefined) await link(source, to)
    else if (type === 'file') await writeFile(to, '')
  }
}

interface Tools {
  readonly start: typeof run
  readonly program: string
  readonly folder: string
}

async function publish({ name, reference, platforms }: FilesOfImage, tools: Tools): Promise<void> {
  const { start, program, folder } = tools
  const parts: string[] = []
  for (const platform of platforms) {
    const tree = join(folder, 'trees', name, platform.architecture)
    const tar = `${tree}.tar`
    const part = platforms.length === 1 ? reference : `${reference}-${platform.architecture}`
    await start('tar', [
      '--create',
      `--file=${tar}`,
      `--directory=${tree}`,
      '--sort=name',
      '--mtime=@0',
      '--owner=0',
      '--group=0',
      '.',
    ])
    const base = platform.base === undefined ? ['--oci-empty-base'] : ['--base', platform.base]
    const of = `--platform=${platform.os}/${platform.architecture}`
    await start(program, ['append', '--insecure', of, ...base, '--new_layer', tar, '--new_tag', part])
    await start(program, ['mutate', '--insecure', part, '--tag', part, ...configFlags(platform)])
    await rm(tar)
    parts.push(part)
  }
  if (platforms.length === 1) return
  const manifests = parts.flatMap((part) => ['--manifest', part])
  await start(program, ['index', 'append', '--insecure', ...manifests, '--tag', reference])
}

function configFlags({ os, architecture, config }: FilesOfPlatform): string[] {
  const { Env, Labels, User, WorkingDir, Entrypoint, Cmd } = config as {
    Env?: string[]
    Labels?: Record<string, string>
    User?: string
    WorkingDir?: string
    Entrypoint?: string[]
    Cmd?: string[]
  }
  return [
    `--set-platform=${os}/${architecture}`,
    ...(Env ?? []).map((text) => `--env=${text}`),
    ...Object.entries(Labels ?? {}).map(([name, value]) => `--label=${name}=${value}`),
    ...(User === undefined ? [] : [`--user=${User}`]),
    ...(WorkingDir === undefined ? [] : [`--workdir=${WorkingDir}`]),
    ...(Entrypoint === undefined ? [] : [`--entrypoint=${Entrypoint.join(',')}`]),
    ...(Cmd === undefined ? [] : [`--cmd=${Cmd.join(',')}`]),
  ]
}
