/** The plan of the matrix: two images for two platforms, on a base that a registry holds in gzip, with a layer in common. */
import { createHash } from 'node:crypto'
import { hostPlatform } from '../../../src/oci/index.ts'
import { seededBytes, writeProject } from '../project.ts'
import type { ImageName } from './place.ts'

export const architectures = ['amd64', 'arm64'] as const

export const platforms = architectures.map((architecture) => `linux/${architecture}`)

export const ownArchitecture = hostPlatform().architecture

/** Half noise, half text, so that compression has something to do. */
function content(seed: number): Buffer {
  return Buffer.concat([seededBytes(seed, 100_000), Buffer.from('a line that comes again\n'.repeat(4000))])
}

const files = {
  tool: content(1),
  shared: content(2),
  'program-amd64': content(3),
  'program-arm64': content(4),
}

/** Writes the plan and, in `base`, the build context of its base image. */
export async function writeMatrixProject(folder: string, base: string): Promise<void> {
  const onBase = `ARG BASE\nFROM \${BASE}\nARG TARGETARCH\nCOPY shared /bin/shared\n`
  await writeProject(folder, {
    'base/Dockerfile': 'FROM scratch\nCOPY root /\nCOPY --chown=7:8 --chmod=4750 root/usr/bin/tool /sbin/\n',
    'base/root/usr/bin/tool': { content: files.tool, mode: 0o755 },
    'base/root/bin': { link: 'usr/bin' },
    'slipway.yaml': `tags: ["1"]
platforms: [${platforms.join(', ')}]
args: { BASE: "${base}" }
images:
  - { name: one, dockerfile: Dockerfile.one, files: [shared, "own/\${TARGET_ARCH}/program"] }
  - { name: two, dockerfile: Dockerfile.two, files: [shared, "own/\${TARGET_ARCH}/program"] }
`,
    'Dockerfile.one': `${onBase}COPY --chmod=0755 $TARGETARCH/program /program\nENTRYPOINT ["/program"]\n`,
    'Dockerfile.two': `${onBase}COPY --chown=1337 $TARGETARCH/program /opt/\n`,
    shared: files.shared,
    'own/amd64/program': { content: files['program-amd64'], mode: 0o755 },
    'own/arm64/program': { content: files['program-arm64'], mode: 0o755 },
  })
}

/** The files of an image for the platform of this machine, as `describeTree` tells them. */
export function expectedTree(image: ImageName): string[] {
  const file = (name: keyof typeof files) =>
    `${files[name].length} ${createHash('sha256').update(files[name]).digest('hex')}`
  const program = file(`program-${ownArchitecture === 'arm64' ? 'arm64' : 'amd64'}`)
  const ofImage = {
    one: [`file 0755 0:0 program ${program}`],
    two: ['directory 0755 1337:1337 opt', `file 0755 1337:1337 opt/program ${program}`],
  }
  return [
    'symlink 0777 0:0 bin -> usr/bin',
    ...ofImage[image],
    'directory 0750 7:8 sbin',
    `file 4750 7:8 sbin/tool ${file('tool')}`,
    'directory 0755 0:0 usr',
    'directory 0755 0:0 usr/bin',
    `file 0644 0:0 usr/bin/shared ${file('shared')}`,
    `file 0755 0:0 usr/bin/tool ${file('tool')}`,
  ]
}
