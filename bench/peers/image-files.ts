/** What is in each image of the workload, for builders that read no Dockerfile: the files above its base, and its config. */
import { all } from '../../src/base/index.ts'
import { newAddSources } from '../../src/build/add/add-sources.ts'
import { newImageBuilder } from '../../src/build/image-builder.ts'
import type { BuiltImage } from '../../src/build/image.ts'
import type { LayerBuilder } from '../../src/build/layers.ts'
import type { PlatformBuild } from '../../src/build/platform-build.ts'
import { recipeKey } from '../../src/layer/index.ts'
import { hostPlatform, mediaTypes, type Digest } from '../../src/oci/index.ts'
import { resolveWorkload } from './builds.ts'
import type { PeerOptions } from './peer.ts'

export interface ImageFile {
  /** path on this machine; absent for what has no content */
  readonly source?: string
  /** target of a symbolic link */
  readonly link?: string
  readonly type: 'file' | 'directory' | 'symlink'
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

export interface FilesOfPlatform {
  readonly os: string
  readonly architecture: string
  /** reference of the image it stands on; absent: none */
  readonly base?: string
  /** the fields of the config that a container is run with (config.md, `config`) */
  readonly config: Readonly<Record<string, unknown>>
  /** by path in the image, without a leading "/" */
  readonly files: Readonly<Record<string, ImageFile>>
}

export interface FilesOfImage {
  /** image and variant */
  readonly name: string
  readonly reference: string
  readonly isBase: boolean
  readonly platforms: readonly FilesOfPlatform[]
}

/** Bases first. Nothing is hashed or read. */
export async function imageFiles(options: PeerOptions): Promise<FilesOfImage[]> {
  const { plan, images } = await resolveWorkload(options)
  const build = newImageBuilder(plan, {
    layers: unhashed,
    resolveBase: () => Promise.reject(new Error('all bases are in the plan')),
    cache: '/nowhere',
    addSources: newAddSources({ cache: '/nowhere' }),
    emit: () => undefined,
    buildPlatform: hostPlatform(),
    skipArtifacts: true,
  })
  const bases = images.filter(({ base }) => base)
  const files: FilesOfImage[] = []
  for (const image of images) {
    const base = bases.find(({ name }) => name === baseOf(image.args))
    files.push({
      name: [image.name, image.variant].filter((part) => part !== undefined).join('-'),
      reference: image.tags[0]!,
      isBase: image.base,
      platforms: await platformsOf(await build(image), image.base ? undefined : base?.tags[0]),
    })
  }
  return files
}

/** The plan of the demo says it by an argument. */
function baseOf({ BASE_DISTRIBUTION: distribution }: Readonly<Record<string, string>>): string {
  return distribution === 'distroless' ? 'distroless' : 'base'
}

/** Layers that are only known by what is in them. */
const unhashed: LayerBuilder = {
  async build(recipe) {
    const digest: Digest = `sha256:${recipeKey(recipe)}`
    const descriptor = { mediaType: mediaTypes.layer, digest, size: recipe.size }
    const open = (): never => {
      throw new Error('it has no bytes')
    }
    return {
      blob: { descriptor, open },
      diffId: digest,
      state: 'hashed',
      isProven: false,
      recipe: async () => recipe,
    }
  },
}

function platformsOf({ platforms }: BuiltImage, base: string | undefined): Promise<FilesOfPlatform[]> {
  return all(platforms, async (built) => {
    const { platform, layers } = built
    const { imageConfig } = built as PlatformBuild
    const own = layers.filter(({ state }) => state !== 'base')
    const entries = (await all(own, async ({ recipe }) => (await recipe?.())?.entries ?? [])).flat()
    const { os, architecture } = platform
    const config = { ...imageConfig.config } as Record<string, unknown>
    return {
      os,
      architecture,
      ...(base !== undefined && { base }),
      config,
      files: Object.fromEntries(
        entries.map(({ path, type, mode, uid, gid, source, link }): [string, ImageFile] => {
          if (type !== 'file' && type !== 'directory' && type !== 'symlink')
            throw new Error(`${path} is a ${type}, which this benchmark does not know`)
          const where = source?.kind === 'file' ? { source: source.path } : {}
          return [path, { type, mode, uid, gid, ...where, ...(link !== undefined && { link }) }]
        }),
      ),
    }
  })
}
