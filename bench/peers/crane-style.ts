/** The builder of `crane-style/`, which works as Istio's does in its crane mode. Built by Go when its source changed. */
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { peersFolder } from '../../test/support/go-programs.ts'
import { runProgram } from '../../test/support/program.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { measure } from '../usage.ts'
import { imageFiles } from './image-files.ts'
import type { Peer, PeerOptions } from './peer.ts'

const sources = join(import.meta.dirname, 'crane-style')

export async function startCraneStyle(options: PeerOptions): Promise<Peer> {
  const program = await buildCraneStyle()
  const folder = await temporaryFolder()
  const plan = folder.join('plan.json')
  return {
    name: 'crane-style Go building',
    mostRounds: 3,
    async prepare() {
      const images = await imageFiles(options)
      const rounds = [images.filter(({ isBase }) => isBase), images.filter(({ isBase }) => !isBase)]
      await writeFile(plan, JSON.stringify({ rounds }))
    },
    bake: () => measure((start) => start(program, [plan])),
    forget: async () => undefined,
    [Symbol.asyncDispose]: folder.remove,
  }
}

async function buildCraneStyle(): Promise<string> {
  const hash = createHash('sha256')
  for (const name of ['main.go', 'go.mod', 'go.sum']) hash.update(await readFile(join(sources, name)))
  const program = join(peersFolder, `crane-style-${hash.digest('hex').slice(0, 12)}`)
  if (await stat(program).catch(() => undefined)) return program
  await mkdir(peersFolder, { recursive: true })
  const env = { GOWORK: 'off', GOFLAGS: '', CGO_ENABLED: '0' }
  const unfinished = `${program}.${process.pid}`
  await runProgram('go', ['build', '-trimpath', '-o', unfinished, '.'], {
    cwd: sources,
    env,
    timeoutMs: 900_000,
  })
  await rename(unfinished, program)
  return program
}
