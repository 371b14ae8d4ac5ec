import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import type { ImageDescription } from '../image-description.ts'
import { inspectLines } from './inspect-report.ts'

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as const
const evil = '\u001b[31mred\u0007'

const image: ImageDescription = {
  name: 'layout x',
  references: ['docker.io/acme/api:1'],
  digest: digest('a'),
  mediaType: 'application/vnd.oci.image.index.v1+json',
  size: 500,
  annotations: { [evil]: evil },
  platforms: ['linux/amd64', 'linux/arm64'].map((platform) => ({
    platform,
    digest: digest('b'),
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    configDigest: digest('c'),
    size: 1_500_000,
    created: undefined,
    author: evil,
    annotations: {},
    config: { Cmd: [evil], Env: [evil], User: evil, Labels: { evil } },
    layers: [
      {
        digest: digest('d'),
        diffId: undefined,
        mediaType: evil,
        size: 1_500_000,
        compression: undefined,
        createdBy: `${'long '.repeat(40)}\n${evil}`,
      },
    ],
    history: [],
  })),
  artifacts: [{ mediaType: evil, digest: digest('e'), size: 1 }],
  referrers: [{ mediaType: 'x', artifactType: evil, digest: digest('f'), size: 1 }],
  notes: [evil],
}

describe('the report of an image', () => {
  test('lets no control character of the image through', () => {
    const text = inspectLines(image, process.stdout).join('\n')
    assert.doesNotMatch(stripVTControlCharacters(text), /[\u0000-\u0009\u000b-\u001f\u007f]/)
    assert.ok(!text.includes(evil))
    assert.match(text, /\\x1b\[31mred/)
  })
  test('keeps lines short, with whole digests of manifests', () => {
    const lines = inspectLines(image, process.stdout).map(stripVTControlCharacters)
    assert.ok(
      lines.every((line) => line.length <= 130),
      lines.find((line) => line.length > 130),
    )
    assert.ok(lines.some((line) => line.includes(`linux/arm64  ${digest('b')}`)))
  })
})
