/** Programs of other projects built once from the Go module proxy, into a cache outside the tree. */
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Waiting } from '../../src/base/index.ts'
import { runProgram } from './program.ts'

export interface GoPrograms {
  /** such as `buildkit` */
  readonly name: string
  /** version of the module, such as `v0.34.2` */
  readonly version: string
  /** packages of the programs, all of one module; each program has the last part of its path as its name */
  readonly packages: readonly string[]
  /**
   * version of the modules that the programs' own module asks for at `v0.0.0`, since it holds their sources itself:
   * the staging modules of Kubernetes, such as `v0.37.2`
   */
  readonly staging?: string
}

export const buildkit: GoPrograms = {
  name: 'buildkit',
  version: 'v0.34.2',
  packages: ['github.com/moby/buildkit/cmd/buildkitd', 'github.com/moby/buildkit/cmd/buildctl'],
}

export const buildx: GoPrograms = {
  name: 'buildx',
  version: 'v0.38.2',
  packages: ['github.com/docker/buildx/cmd/buildx'],
}

export const crane: GoPrograms = {
  name: 'crane',
  version: 'v0.22.1',
  packages: ['github.com/google/go-containerregistry/cmd/crane'],
}

/** The registry that Debian's `docker-registry` is an old version of. */
export const distribution: GoPrograms = {
  name: 'distribution',
  version: 'v3.1.2',
  packages: ['github.com/distribution/distribution/v3/cmd/registry'],
}

/** What `docker-ce` 29 ships: a dockerd whose images are in containerd's store by default. */
export const moby: GoPrograms = {
  name: 'moby',
  version: 'v2.0.0-beta.24',
  packages: ['github.com/moby/moby/v2/cmd/dockerd'],
}

/** The conformance suite of the distribution specification. */
export const distributionConformance: GoPrograms = {
  name: 'distribution-conformance',
  version: 'v0.0.0-20260831232431-97274622c111',
  packages: ['github.com/opencontainers/distribution-spec/conformance'],
}

export const containerd: GoPrograms = {
  name: 'containerd',
  version: 'v2.4.2',
  packages: [
    'github.com/containerd/containerd/v2/cmd/containerd',
    'github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2',
    'github.com/containerd/containerd/v2/cmd/ctr',
  ],
}

/** Signs what registries hold; its signatures and attestations are read back with it too. */
export const cosign: GoPrograms = {
  name: 'cosign',
  version: 'v3.1.3',
  packages: ['github.com/sigstore/cosign/v3/cmd/cosign'],
}

/** Shows referrers of registries and layouts. */
export const oras: GoPrograms = {
  name: 'oras',
  version: 'v1.3.6',
  packages: ['oras.land/oras/cmd/oras'],
}

/** Builds and publishes Go programs; the benchmark compares a run that changes nothing. */
export const ko: GoPrograms = {
  name: 'ko',
  version: 'v0.19.1',
  packages: ['github.com/google/ko'],
}

/** The control plane of Kubernetes: what the operator is tested on. */
export const kubernetes: GoPrograms = {
  name: 'kubernetes',
  version: 'v1.37.2',
  packages: ['k8s.io/kubernetes/cmd/kube-apiserver', 'k8s.io/kubernetes/cmd/kube-controller-manager'],
  staging: 'v0.37.2',
}

/** The client of Kubernetes, of the version of its server. */
export const kubectl: GoPrograms = {
  name: 'kubectl',
  version: 'v1.37.2',
  packages: ['k8s.io/kubernetes/cmd/kubectl'],
  staging: 'v0.37.2',
}

/** The store of the control plane; its program has the name `server`. */
export const etcd: GoPrograms = {
  name: 'etcd',
  version: 'v3.6.16',
  packages: ['go.etcd.io/etcd/server/v3'],
}

/** Where programs of others are kept between runs. */
export const peersFolder = join(
  process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'),
  'slipway',
  'peers',
)

/** Where the programs are, or nothing when they have not been built. */
export async function findGoPrograms(programs: GoPrograms): Promise<string | undefined> {
  return stat(folderOf(programs)).then(
    () => folderOf(programs),
    () => undefined,
  )
}

/**
 * The folder with the programs. The first call builds them, which takes Go 1.26 or newer, some minutes and 1 to 2 GB
 * for the sources of their dependencies, which are removed afterwards.
 */
export async function buildGoPrograms(programs: GoPrograms, { signal }: Waiting = {}): Promise<string> {
  const present = await findGoPrograms(programs)
  if (present !== undefined) return present
  await mkdir(peersFolder, { recursive: true })
  const work = await mkdtemp(join(peersFolder, '.building-'))
  try {
    const bin = join(work, 'bin')
    await mkdir(bin)
    await writeFile(join(work, 'go.mod'), 'module peers\n\ngo 1.26\n')
    // A module cache of its own: what is fetched here goes away with the folder.
    const env = {
      GOBIN: bin,
      GOPATH: join(work, 'gopath'),
      GOFLAGS: '-modcacherw',
      GOWORK: 'off',
      CGO_ENABLED: '0',
    }
    const go = (args: readonly string[]) =>
      runProgram('go', args, { cwd: work, signal, timeoutMs: 1_800_000, env })
    if (programs.staging !== undefined) await replaceStaging(programs, programs.staging, go)
    await go(['get', '-tool', ...programs.packages.map((name) => `${name}@${programs.version}`)])
    await go(['install', '-trimpath', 'tool'])
    await rename(bin, folderOf(programs))
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return folderOf(programs)
}

/**
 * A module that keeps the sources of others asks for them at `v0.0.0`, which was never published: whoever builds it has
 * to say where they are.
 */
async function replaceStaging(
  { packages: [first = ''], version }: GoPrograms,
  staging: string,
  go: (args: readonly string[]) => Promise<{ readonly stdout: string }>,
): Promise<void> {
  const module = first.split('/').slice(0, 2).join('/')
  const { GoMod: file } = JSON.parse((await go(['mod', 'download', '-json', `${module}@${version}`])).stdout)
  const names = [...(await readFile(file, 'utf8')).matchAll(/^\s+(\S+) v0\.0\.0$/gm)].map(([, name]) => name)
  if (names.length === 0) throw new Error(`${module} ${version} asks for no module at v0.0.0`)
  await go(['mod', 'edit', ...names.map((name) => `-replace=${name}=${name}@${staging}`)])
}

function folderOf({ name, version }: GoPrograms): string {
  return join(peersFolder, `${name}-${version}`)
}
