/** A small image that runs: a shell, a large layer that stays, and one that tests change. */
import { readFile, writeFile } from 'node:fs/promises'
import { hostPlatform } from '../../src/oci/index.ts'
import { seededBytes, writeProject } from './project.ts'

/** bytes of the content of the layers, without headers */
export const shellImageSizes = { base: 3_000_000, app: 1_000_000 }

export const shellImageDockerfile = `FROM scratch
COPY --chmod=0755 busybox /bin/sh
COPY base /base
COPY app word /
CMD ["/bin/sh", "-c", "read word < /word; echo $word"]
`

/** Of this machine, and one it does not run. */
export const shellImagePlatforms = ['amd64', 'arm64'].map((architecture) => `linux/${architecture}`).join(',')

export const ownPlatform = `linux/${hostPlatform().architecture}`

/** Writes its build context; run, the image prints `one`. */
export async function writeShellImage(folder: string): Promise<void> {
  await writeProject(folder, {
    Dockerfile: shellImageDockerfile,
    busybox: await readFile('/usr/bin/busybox'),
    base: seededBytes(1, shellImageSizes.base),
    app: seededBytes(2, shellImageSizes.app),
    word: 'one\n',
  })
}

/** Changes the last layer only; run, the image prints the word. */
export async function changeShellImage(folder: string, word: string): Promise<void> {
  await writeFile(`${folder}/word`, `${word}\n`)
}
