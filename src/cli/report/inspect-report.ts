/** An image as people read it. What is in it comes from others, so every text is made printable. */
import { styleText } from 'node:util'
import { shortDigest, type Descriptor } from '../../oci/index.ts'
import type { ImageDescription, PlatformDescription } from '../image-description.ts'
import { printable } from './failure.ts'
import { formatTable } from './table.ts'
import { formatBytes } from './units.ts'

/** Longer texts are cut: the whole is in --json. */
const longestCell = 80

export function inspectLines(image: ImageDescription, stream: NodeJS.WriteStream): string[] {
  const bold = (text: string) => styleText('bold', text, { stream })
  const others = image.references.filter((reference) => reference !== image.name)
  const lines = [
    ...fields([
      ['Name', image.name],
      ['Names', others.join(', ')],
      ['Digest', image.digest],
      ['Type', image.artifactType ? `${image.mediaType} (${image.artifactType})` : image.mediaType],
      ['Notes', image.notes.join('; ')],
    ]),
    ...pairs('Annotations', image.annotations),
  ]
  if (image.platforms.length > 1) lines.push('', ...platformTable(image.platforms, stream))
  for (const platform of image.platforms) {
    lines.push('', bold(printable(platform.platform)), ...platformLines(platform, image, stream))
  }
  lines.push(...descriptors('Other manifests', image.artifacts, stream))
  lines.push(...descriptors('Referrers', image.referrers, stream))
  return lines
}

function platformTable(platforms: readonly PlatformDescription[], stream: NodeJS.WriteStream): string[] {
  const columns = [
    { title: 'PLATFORM' },
    { title: 'DIGEST' },
    { title: 'LAYERS', align: 'right' },
    { title: 'SIZE', align: 'right' },
  ] as const
  const rows = platforms.map(({ platform, digest, layers, size }) => [
    printable(platform),
    digest,
    String(layers.length),
    formatBytes(size),
  ])
  return formatTable(columns, rows, stream)
}

function platformLines(
  platform: PlatformDescription,
  image: ImageDescription,
  stream: NodeJS.WriteStream,
): string[] {
  const { config } = platform
  return [
    ...fields([
      ['Digest', platform.digest === image.digest ? '' : platform.digest],
      ['Config', platform.configDigest],
      ['Created', platform.created ?? ''],
      ['Author', platform.author ?? ''],
      ['Entrypoint', words(config.Entrypoint)],
      ['Cmd', words(config.Cmd)],
      ['User', config.User ?? ''],
      ['Workdir', config.WorkingDir ?? ''],
      ['Ports', Object.keys(config.ExposedPorts ?? {}).join(', ')],
      ['Volumes', Object.keys(config.Volumes ?? {}).join(', ')],
      ['Stop signal', config.StopSignal ?? ''],
      ['Shell', words(config.Shell)],
      ['Healthcheck', config.Healthcheck?.Test?.join(' ') ?? ''],
      ['Onbuild', (config.OnBuild ?? []).join('; ')],
    ]),
    ...list('Env', config.Env ?? []),
    ...pairs('Labels', config.Labels ?? {}),
    ...(platform.digest === image.digest ? [] : pairs('Annotations', platform.annotations)),
    ...layerTable(platform, stream),
  ]
}

function layerTable({ layers }: PlatformDescription, stream: NodeJS.WriteStream): string[] {
  if (layers.length === 0) return []
  const columns = [
    { title: '  LAYER' },
    { title: 'SIZE', align: 'right' },
    { title: 'PACKED' },
    { title: 'CREATED BY' },
  ] as const
  const rows = layers.map(({ digest, size, compression, mediaType, createdBy }) => [
    `  ${shortDigest(digest)}`,
    formatBytes(size),
    compression ?? printable(mediaType),
    printable(cut((createdBy ?? '-').replaceAll(/\s+/g, ' '))),
  ])
  return formatTable(columns, rows, stream)
}

function descriptors(title: string, list: readonly Descriptor[], stream: NodeJS.WriteStream): string[] {
  if (list.length === 0) return []
  const columns = [{ title: '  DIGEST' }, { title: 'TYPE' }, { title: 'SIZE', align: 'right' }] as const
  const rows = list.map(({ digest, artifactType, annotations, mediaType, size }) => [
    `  ${digest}`,
    printable(artifactType ?? annotations?.['vnd.docker.reference.type'] ?? mediaType),
    formatBytes(size),
  ])
  return ['', styleText('bold', title, { stream }), ...formatTable(columns, rows, stream)]
}

/** Lines `Name:    value`, without those that have no value. */
function fields(all: readonly (readonly [string, string])[]): string[] {
  return all.flatMap(([name, value]) => (value === '' ? [] : [`${`${name}:`.padEnd(13)}${printable(value)}`]))
}

function list(title: string, items: readonly string[]): string[] {
  return items.map((item, index) => `${(index === 0 ? `${title}:` : '').padEnd(13)}${printable(item)}`)
}

function pairs(title: string, record: Readonly<Record<string, string>>): string[] {
  return list(
    title,
    Object.entries(record).map(([key, value]) => `${key}=${value}`),
  )
}

/** As the JSON form of a Dockerfile, which shows where words end. */
function words(texts: readonly string[] | null | undefined): string {
  return texts && texts.length > 0 ? JSON.stringify(texts) : ''
}

function cut(text: string): string {
  return text.length > longestCell ? `${text.slice(0, longestCell - 1)}…` : text
}
