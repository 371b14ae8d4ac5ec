/** Base images as data become blobs of a registry. Written with tar-stream, so that our own writer has no part in it. */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import type { FaultRegistry } from '../support/fault-registry.ts'
import { filesOf, type FileTable, type TableFile } from './file-table.ts'

export interface TestBase {
  /** lowest first; a name `.wh.x` is a whiteout. Parents are written only when they are listed. */
  readonly layers: readonly FileTable[]
  /** `config` of the image config */
  readonly run?: Readonly<Record<string, unknown>>
  /** other fields of the image config, in place of the usual ones */
  readonly image?: Readonly<Record<string, unknown>>
  /** default: one image of linux/amd64, no index */
  readonly platforms?: readonly TestPlatform[]
  readonly isGzip?: boolean
}

interface TestPlatform {
  readonly architecture: string
  readonly variant?: string
}

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

const prefix = 'application/vnd.oci.image'

/** Puts every base into the registry as `NAME:latest`. */
export async function publishBases(
  registry: Pick<FaultRegistry, 'blobs' | 'manifests'>,
  bases: Readonly<Record<string, TestBase>>,
): Promise<void> {
  const store = (mediaType: string, bytes: Buffer): Descriptor => {
    const digest = digestOf(bytes)
    registry.blobs.set(digest, bytes)
    return { mediaType, digest, size: bytes.length }
  }
  const manifest = (name: string, mediaType: string, document: unknown): Descriptor => {
    const bytes = Buffer.from(JSON.stringify(document))
    registry.manifests.set(`${name}@${digestOf(bytes)}`, { mediaType, bytes })
    registry.manifests.set(`${name}:latest`, { mediaType, bytes })
    return { mediaType, digest: digestOf(bytes), size: bytes.length }
  }
  for (const [name, base] of Object.entries(bases)) {
    const tars = await Promise.all(base.layers.map((table) => tarOf(filesOf(table))))
    const layers = tars.map((tar) =>
      base.isGzip
        ? store(`${prefix}.layer.v1.tar+gzip`, gzipSync(tar))
        : store(`${prefix}.layer.v1.tar`, tar),
    )
    const image = (platform: TestPlatform) => {
      const config = {
        ...platform,
        os: 'linux',
        config: base.run ?? {},
        rootfs: { type: 'layers', diff_ids: tars.map(digestOf) },
        history: tars.map((_, index) => ({ created_by: `layer ${index} of ${name}` })),
        ...base.image,
      }
      return manifest(name, `${prefix}.manifest.v1+json`, {
        schemaVersion: 2,
        mediaType: `${prefix}.manifest.v1+json`,
        config: store(`${prefix}.config.v1+json`, Buffer.from(JSON.stringify(config))),
        layers,
      })
    }
    // A single manifest may stand for one platform; an index is pushed last, so that it has the tag.
    if (!base.platforms) image({ architecture: 'amd64' })
    else {
      manifest(name, `${prefix}.index.v1+json`, {
        schemaVersion: 2,
        mediaType: `${prefix}.index.v1+json`,
        manifests: base.platforms.map((platform) => ({
          ...image(platform),
          platform: { os: 'linux', ...platform },
        })),
      })
    }
  }
}

export async function tarOf(files: readonly TableFile[]): Promise<Buffer> {
  const archive = pack()
  for (const file of files) {
    const { path, kind, mode, uid = 0, gid = 0, xattrs } = file
    if (kind === 'socket') throw new Error(`a tar cannot hold the socket ${path}`)
    const content = kind === 'file' ? Buffer.from(file.content ?? '') : Buffer.alloc(0)
    archive.entry(
      {
        name: kind === 'directory' ? `${path}/` : path,
        type: kind === 'hardlink' ? 'link' : kind,
        mode,
        uid,
        gid,
        mtime: new Date(1_000_000_000_000),
        size: content.length,
        linkname: file.symlink ?? file.hardlink ?? '',
        ...(xattrs && {
          pax: Object.fromEntries(
            Object.entries(xattrs).map(([name, value]) => [`SCHILY.xattr.${name}`, value]),
          ),
        }),
      },
      content,
    )
  }
  archive.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of archive) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}
