/**
 * Daemons of the matrix, each read by its own command. They unpack layers at once, and so get them uncompressed in a
 * run of any compression; here each is in one run, as a run speaks to one daemon of a kind.
 */
import { join } from 'node:path'
import {
  containerdLines,
  skipWithoutContainerd,
  startContainerd,
  type ContainerdLine,
} from '../containerd.ts'
import { skipWithoutDockerd, startDockerd, type ImageStore } from '../dockerd.ts'
import { startKindCluster } from '../kind-cluster.ts'
import { skipWithoutPodman, startPodman } from '../podman.ts'
import {
  referenceAt,
  type Compression,
  type ImageName,
  type MatrixContext,
  type Place,
  type Row,
  type RunningRow,
} from './place.ts'

type Run = (args: readonly string[]) => Promise<string>

export async function daemonRows(): Promise<Row[]> {
  return [
    await dockerRow('graphdriver', 'none'),
    await containerdRow('1.6', 'none'),
    await dockerRow('containerd', 'gzip'),
    await containerdRow('current', 'gzip'),
    podmanRow('zstd'),
    await kindRow('zstd'),
  ]
}

async function dockerRow(store: ImageStore, compression: Compression): Promise<Row> {
  return {
    name: `docker with the ${store} store`,
    skip: await skipWithoutDockerd(store),
    compressions: [compression],
    async start(context) {
      const daemon = await startDockerd({ store })
      const engine: Engine = {
        name: 'docker',
        env: { DOCKER_HOST: daemon.host },
        identity: store === 'containerd' ? 'index' : 'config',
        run: daemon.run,
        async save(reference, file) {
          await daemon.run(['save', '--output', file, reference])
          return `docker-archive:${file}`
        },
      }
      return { ...engineRow(engine, compression, context), close: daemon.stop }
    },
  }
}

function podmanRow(compression: Compression): Row {
  return {
    name: 'podman',
    skip: skipWithoutPodman(),
    compressions: [compression],
    async start(context) {
      const podman = await startPodman()
      const engine: Engine = {
        name: 'podman',
        env: { CONTAINER_HOST: podman.host },
        identity: 'config',
        run: podman.run,
        // It remembers layers as they came, and writes no archive of Docker's with zstd.
        async save(reference, file) {
          await podman.run(['save', '--format', 'oci-archive', '--output', file, reference])
          return `oci-archive:${file}`
        },
      }
      return { ...engineRow(engine, compression, context), close: podman.stop }
    },
  }
}

interface Engine extends Pick<Place, 'env' | 'identity'> {
  readonly name: 'docker' | 'podman'
  readonly run: Run
  /** writes an image to a file and gives skopeo's name of that */
  readonly save: (reference: string, file: string) => Promise<string>
}

function engineRow(
  { name, env, identity, run, save }: Engine,
  compression: Compression,
  { hub }: MatrixContext,
): Omit<RunningRow, 'close'> {
  const referenceOf = (image: ImageName) => referenceAt(hub, compression, image)
  return {
    place: () => ({
      flags: [`--load=${name}`],
      ...(env && { env }),
      destination: name,
      isOwn: (destination) => destination === name,
      referenceOf,
      identity,
      async digestOf(image) {
        const id = await run(['image', 'inspect', '--format', '{{.Id}}', referenceOf(image)])
        return id.startsWith('sha256:') ? id : `sha256:${id}`
      },
      sourceOf: (image, scratch) => save(referenceOf(image), join(scratch, 'saved.tar')),
    }),
    async load(archive, reference, scratch) {
      await run(['load', '--input', archive])
      return save(reference, join(scratch, 'saved.tar'))
    },
  }
}

async function containerdRow(line: ContainerdLine, compression: Compression): Promise<Row> {
  return {
    name: `containerd ${line}`,
    skip: await skipWithoutContainerd(line),
    compressions: [compression],
    async start(context) {
      const containerd = await startContainerd(line)
      return {
        place: () => ({
          flags: ['--load=containerd'],
          env: { CONTAINERD_ADDRESS: containerd.socket },
          destination: 'containerd default',
          isOwn: (destination) => destination === 'containerd default',
          ...ctrReaders(containerd.ctr, compression, context),
        }),
        load: (archive, ...rest) => importWith(containerd.ctr, archive, ...rest),
        close: containerd.stop,
      }
    },
  }
}

/** kind itself cannot run here, as its node images cannot be had; its nodes are containerds (see kind-cluster.ts). */
async function kindRow(compression: Compression): Promise<Row> {
  const skips = await Promise.all(containerdLines.map((line) => skipWithoutContainerd(line)))
  return {
    name: `kind with nodes of containerd ${containerdLines.join(' and ')}`,
    skip: skips.find(Boolean) ?? false,
    compressions: [compression],
    async start(context) {
      const cluster = await startKindCluster('matrix', containerdLines)
      const [first, ...others] = cluster.nodes.map(({ ctr }) => ctrReaders(ctr, compression, context))
      return {
        place: () => ({
          flags: ['--load=kind:matrix'],
          env: cluster.env,
          destination: 'kind matrix',
          isOwn: (destination) => destination.startsWith('node matrix-'),
          ...first!,
          async digestOf(image) {
            const digests = await Promise.all([first!, ...others].map((node) => node.digestOf(image)))
            return [...new Set(digests)].join(' and ')
          },
        }),
        load: (archive, ...rest) => importWith(cluster.nodes[0]!.ctr, archive, ...rest),
        close: cluster.dispose,
      }
    },
  }
}

function ctrReaders(
  ctr: Run,
  compression: Compression,
  { hub }: MatrixContext,
): Pick<Place, 'referenceOf' | 'identity' | 'digestOf' | 'validate' | 'sourceOf'> {
  const referenceOf = (image: ImageName) => referenceAt(hub, compression, image)
  const lineOf = async (command: readonly string[], image: ImageName) => {
    const list = await ctr([...command, `name==${referenceOf(image)}`])
    return list.split('\n').at(-1)!
  }
  return {
    referenceOf,
    identity: 'index',
    digestOf: async (image) => (await lineOf(['images', 'ls'], image)).split(/\s+/)[2]!,
    async validate(image) {
      const line = await lineOf(['images', 'check'], image)
      if (!/\bcomplete \(\d+\/\d+\)/.test(line)) throw new Error(line)
    },
    sourceOf: (image, scratch) => exportOf(ctr, referenceOf(image), scratch),
  }
}

async function importWith(ctr: Run, archive: string, reference: string, scratch: string): Promise<string> {
  await ctr(['images', 'import', archive])
  return exportOf(ctr, reference, scratch)
}

async function exportOf(ctr: Run, reference: string, scratch: string): Promise<string> {
  await ctr(['images', 'export', join(scratch, 'saved.tar'), reference])
  return `oci-archive:${join(scratch, 'saved.tar')}`
}
