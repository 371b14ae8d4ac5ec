/** A plan of 1,000 images on a few shared files with nothing changed, and smaller ones to show how the time grows. */
import { mkdir, writeFile } from 'node:fs/promises'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { limit, names, slipway, type Bench } from '../bench.ts'
import { startBenchRegistry } from '../bench-registry.ts'
import { headsOf, nodeStart } from '../floor.ts'
import { runSlipway } from '../slipway-run.ts'

export const imageCounts = [250, 500, 1000] as const

export const plansOf = (images: number): string => `${images} images in one plan, nothing changed`

const dockerfile = `FROM scratch
ARG NAME CONFIG
COPY shared /usr/share/shared
COPY config-$CONFIG /etc/config
ENV NAME=$NAME
LABEL org.opencontainers.image.title="$NAME"
ENTRYPOINT ["/usr/share/shared/program"]
`

export async function thousandCase({ options, results }: Bench): Promise<void> {
  const rounds = options.isQuick ? 1 : options.rounds
  await using folder = await temporaryFolder()
  await using registry = await startBenchRegistry()
  await writePlans(folder.path)
  const bake = (images: number, more: readonly string[] = []) =>
    runSlipway(
      [
        'bake',
        '-f',
        `plan-${images}.yaml`,
        '--root',
        '.',
        '--hub',
        `${registry.host}/many`,
        '--push',
        ...more,
      ],
      { cwd: folder.path, cache: folder.join('cache') },
    )
  results.add('1000 images in one plan, everything new', slipway, await bake(1000))
  for (const images of imageCounts) await bake(images)
  const tags = Array.from({ length: 1000 }, (_, index) => `many/${nameOf(index)}:latest`)
  for (let round = 0; round < rounds; round++) {
    for (const images of imageCounts) {
      results.add(plansOf(images), slipway, await bake(images))
      const heads = await headsOf(registry.host, tags.slice(0, images))
      results.add(`${names.heads}, ${images}`, limit, { seconds: heads })
    }
    results.add(names.nodeStart, limit, await nodeStart())
  }
}

async function writePlans(folder: string): Promise<void> {
  await mkdir(`${folder}/shared`)
  await writeFile(`${folder}/shared/program`, Buffer.alloc(2_000_000, 'program'))
  await writeFile(`${folder}/shared/notice`, 'notice\n')
  for (let index = 0; index < 10; index++) {
    await writeFile(`${folder}/config-${index}`, `config ${index}\n`)
    await writeFile(`${folder}/Dockerfile.${index}`, dockerfile)
  }
  for (const images of imageCounts)
    await writeFile(`${folder}/plan-${images}.yaml`, `platforms: [linux/amd64]\nimages:\n${imagesOf(images)}`)
}

function imagesOf(images: number): string {
  return Array.from({ length: images }, (_, index) => {
    const digit = index % 10
    const args = `args: { NAME: ${nameOf(index)}, CONFIG: '${digit}' }`
    return `  - { name: ${nameOf(index)}, dockerfile: Dockerfile.${digit}, ${args}, files: [shared, config-${digit}] }\n`
  }).join('')
}

function nameOf(index: number): string {
  return `image-${String(index).padStart(4, '0')}`
}
