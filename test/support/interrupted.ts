/** A project that takes a moment to build, and what must hold for its destinations when the run was cut off. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { seededBytes, writeProject } from './project.ts'
import { skopeoManifest } from './skopeo.ts'

export const imageNames = ['one', 'two', 'three', 'four', 'five', 'six'] as const
export const tagNames = ['first', 'second', 'third'] as const

const plan = `
tags: [${tagNames.join(', ')}]
platforms: [linux/amd64, linux/arm64]
images:
${imageNames.map((name) => `  - { name: ${name}, dockerfile: Dockerfile, files: [shared, ${name}], args: { NAME: ${name} } }`).join('\n')}
`

/** Six images of one large layer each, one small and one that all share. */
export async function writeSlowProject(folder: string, megabytes = 4): Promise<void> {
  const size = megabytes << 20
  await writeProject(folder, {
    'slipway.yaml': plan,
    Dockerfile:
      'FROM scratch\nARG NAME\nARG TARGETARCH\nCOPY shared /shared\nCOPY ${NAME} /${NAME}-${TARGETARCH}\nWORKDIR /${NAME}\n',
    shared: seededBytes(99, size),
    ...Object.fromEntries(imageNames.map((name, index) => [name, seededBytes(index + 1, size)])),
  })
}

/** Tags of all repositories under a path of a registry, as `name:tag`, sorted. */
export async function publishedTags(host: string, path: string): Promise<string[]> {
  const lists = await Promise.all(
    imageNames.map(async (name) => {
      const response = await fetch(`http://${host}/v2/${path}/${name}/tags/list`)
      const { tags } = (await response.json()) as { tags?: string[] | null }
      return (tags ?? []).map((tag) => `${name}:${tag}`)
    }),
  )
  return lists.flat().toSorted()
}

export const allTags: readonly string[] = imageNames
  .flatMap((name) => tagNames.map((tag) => `${name}:${tag}`))
  .toSorted()

/** Every blob has the digest it is named by, and nothing but a layout's own files is there. */
export async function checkLayoutFiles(folder: string): Promise<void> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  for (const file of files) {
    const [, hex] = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(file) ?? []
    if (hex === undefined)
      assert.ok(['index.json', 'oci-layout'].includes(file), `${file} was left in the layout`)
    else
      assert.equal(
        createHash('sha256')
          .update(await readFile(join(folder, file)))
          .digest('hex'),
        hex,
        file,
      )
  }
}

/** The layout that was there before: its index as it was, every image of it readable by skopeo. */
export async function checkEarlierLayout(folder: string, index: string): Promise<void> {
  assert.equal(await readFile(join(folder, 'index.json'), 'utf8'), index)
  const { manifests } = JSON.parse(index) as { manifests: { annotations: Record<string, string> }[] }
  assert.ok(manifests.length > 0)
  const name = manifests[0]!.annotations['org.opencontainers.image.ref.name']
  await skopeoManifest(`oci:${folder}:${name}`)
  await checkLayoutFiles(folder)
}

/** Nobody can take what is there for an image layout. */
export async function checkNoLayout(folder: string): Promise<void> {
  assert.ok(!existsSync(join(folder, 'index.json')), 'there is an index')
  assert.ok(!existsSync(join(folder, 'oci-layout')), 'the folder says it is a layout')
  if (existsSync(folder)) await checkLayoutFiles(folder)
}

/** Whether a process is there and is no zombie. */
export async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat !== '' && !/^\d+ \(.*\) Z/.test(stat)
}
