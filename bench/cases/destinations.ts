/** The images of one platform into a layout and into daemons, each empty at the beginning. */
import { rm } from 'node:fs/promises'
import { skipWithoutContainerd, startContainerd } from '../../test/support/containerd.ts'
import { imageStores, skipWithoutDockerd, startDockerd } from '../../test/support/dockerd.ts'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { names, slipway, type Bench } from '../bench.ts'
import { runSlipway } from '../slipway-run.ts'

interface Place extends AsyncDisposable {
  readonly flags: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export async function destinationsCase(bench: Bench): Promise<void> {
  const rounds = Math.min(bench.options.rounds, 3)
  for (let round = 0; round < rounds; round++) {
    await intoPlace(bench, 'layout', startLayout)
    for (const store of imageStores)
      await intoPlace(
        bench,
        `docker (${store} store)`,
        async () => {
          const { host, stop } = await startDockerd({ store })
          return { flags: ['--load'], env: { DOCKER_HOST: host }, [Symbol.asyncDispose]: stop }
        },
        () => skipWithoutDockerd(store),
      )
    await intoPlace(
      bench,
      'containerd',
      async () => {
        const { socket, stop } = await startContainerd('current')
        const env = { CONTAINERD_ADDRESS: socket }
        return { flags: ['--load=containerd'], env, [Symbol.asyncDispose]: stop }
      },
      () => skipWithoutContainerd('current'),
    )
  }
}

async function startLayout(): Promise<Place> {
  const folder = await temporaryFolder()
  return { flags: ['--save', folder.join('layout')], [Symbol.asyncDispose]: folder.remove }
}

async function intoPlace(
  bench: Bench,
  place: string,
  start: () => Promise<Place>,
  skip: () => Promise<string | false> = async () => false,
): Promise<void> {
  const why = await skip()
  if (why !== false) return bench.leaveOut(place, why)
  const { results } = bench
  const workload = await bench.workload()
  await using cache = await temporaryFolder()
  await using to = await start()
  const flags = ['--root', '.', '--hub', 'bench.test/demo', '--platform', 'linux/amd64', '--skip-artifacts']
  const bake = () =>
    runSlipway(['bake', '-f', 'slipway.yaml', ...flags, ...to.flags], {
      cwd: workload.root,
      cache: cache.path,
      env: to.env ?? {},
    })
  const add = async (name: string) => results.add(`${name}, one platform -> ${place}`, slipway, await bake())
  await rm(cache.path, { recursive: true, force: true })
  await add(names.new)
  await add(names.nothing)
  await workload.changes.large()
  await add(names.large)
}
