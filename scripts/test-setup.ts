/**
 * `npm run test:setup`: brings the programs of other projects that integration tests run: from Debian's packages, and
 * those that Debian has too old or not at all built from Go modules into the cache folder, once.
 * Says what it installs, and installs nothing that is there already. Tests whose part is missing are skipped without it.
 */
import { spawnSync } from 'node:child_process'
import {
  buildGoPrograms,
  buildkit,
  buildx,
  containerd,
  cosign,
  crane,
  distribution,
  distributionConformance,
  etcd,
  findGoPrograms,
  ko,
  kubectl,
  kubernetes,
  moby,
  oras,
  type GoPrograms,
} from '../test/support/go-programs.ts'
import { hasProgram } from '../test/support/program.ts'
import { findSpdxTools, installSpdxTools } from '../test/support/spdx-tools.ts'

/** Debian package -> programs tests run out of it, and what for. */
const packages: readonly {
  readonly name: string
  readonly programs: readonly string[]
  readonly use: string
  /** for a package without a program of its own; default: its programs are there */
  readonly isThere?: () => boolean
}[] = [
  { name: 'docker-registry', programs: ['docker-registry'], use: 'a registry to push to and pull from' },
  { name: 'skopeo', programs: ['skopeo'], use: 'reads registries and layouts' },
  { name: 'apache2-utils', programs: ['htpasswd'], use: 'passwords of a registry' },
  { name: 'tinyproxy-bin', programs: ['tinyproxy'], use: 'a proxy to a registry' },
  { name: 'openssl', programs: ['openssl'], use: 'certificates of a registry' },
  { name: 'umoci', programs: ['umoci'], use: 'unpacks images' },
  { name: 'runc', programs: ['runc'], use: 'runs unpacked images' },
  { name: 'docker.io', programs: ['dockerd', 'docker'], use: 'runs images' },
  { name: 'containerd', programs: ['containerd', 'ctr'], use: 'runs images' },
  { name: 'podman', programs: ['podman'], use: 'a store to load images into' },
  { name: 'buildah', programs: ['buildah'], use: 'builds the same Dockerfiles, to compare' },
  { name: 'git', programs: ['git'], use: 'repositories to ADD from' },
  { name: 'xz-utils', programs: ['xz'], use: 'archives to ADD' },
  { name: 'bzip2', programs: ['bzip2'], use: 'archives to ADD' },
  { name: 'make', programs: ['make'], use: 'runs a build as Istio does' },
  { name: 'libcap2-bin', programs: ['getcap'], use: 'reads file capabilities of unpacked images' },
  {
    name: 'python3-venv',
    programs: ['python3'],
    use: 'reads layers, and runs the validator of SPDX documents',
    // Debian's python3 knows venv, but cannot make an environment without what this package brings.
    isThere: () => spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0,
  },
  { name: 'nginx', programs: ['nginx'], use: 'reads the configuration that a package of it renders' },
  { name: 'chromium', programs: ['chromium'], use: 'shows the page of --report' },
  { name: 'busybox-static', programs: ['busybox'], use: 'the shell of images that RUN is tested on' },
]

const goPrograms = [
  { programs: buildkit, use: 'the oracle of Dockerfiles, and a builder to delegate to' },
  { programs: buildx, use: 'a builder to delegate to' },
  { programs: crane, use: 'validates images; a registry with referrers' },
  { programs: distribution, use: 'a current registry' },
  { programs: distributionConformance, use: 'the conformance suite of registries' },
  { programs: cosign, use: 'signs images, and verifies them' },
  { programs: oras, use: 'shows what refers to an image' },
  { programs: ko, use: 'the benchmark compares with it' },
  { programs: containerd, use: 'a current containerd to load into' },
  { programs: moby, use: 'a current dockerd, which keeps images in containerd' },
  { programs: etcd, use: 'the store of a control plane' },
  { programs: kubernetes, use: 'the control plane that the operator is tested on' },
  { programs: kubectl, use: 'applies what the operator renders, to compare' },
]

const findMissing = () =>
  packages.filter(({ programs, isThere }) => !programs.every(hasProgram) || isThere?.() === false)

const missing = findMissing()
const present = packages.filter((item) => !missing.includes(item))
if (present.length > 0) console.log(`present: ${present.map(({ name }) => name).join(', ')}`)
if (missing.length === 0) {
  console.log('nothing to install')
} else {
  for (const { name, use } of missing) console.log(`missing: ${name} (${use})`)
  install(missing.map(({ name }) => name))
}
for (const { programs, use } of goPrograms) await build(programs, use)
if ((await findSpdxTools()) !== undefined) console.log('present: spdx-tools')
else {
  console.log('missing: spdx-tools (validates SPDX documents)')
  await installSpdxTools()
}

function install(names: readonly string[]): void {
  const install = ['install', '--yes', '--no-install-recommends', ...names]
  if (!hasProgram('apt-get')) {
    fail(`there is no apt-get here: install ${names.join(', ')} with the means of this system`)
    return
  }
  const isRoot = process.getuid?.() === 0
  if (!isRoot && !hasProgram('sudo')) {
    fail(`only root can install packages: run apt-get ${install.join(' ')} as root`)
    return
  }
  // Lists may be old or absent, and updating them is slow: only when the packages cannot be installed as it is.
  if (aptGet(install, isRoot) || (aptGet(['update'], isRoot) && aptGet(install, isRoot))) {
    const still = findMissing()
    if (still.length === 0) return
    fail(`installed, but not found: ${still.flatMap(({ programs }) => programs).join(', ')}`)
    return
  }
  fail(`apt-get could not install ${names.join(', ')}`)
}

async function build(programs: GoPrograms, use: string): Promise<void> {
  const name = `${programs.name} ${programs.version}`
  if ((await findGoPrograms(programs)) !== undefined) {
    console.log(`present: ${name}`)
    return
  }
  console.log(`missing: ${name} (${use})`)
  if (!hasProgram('go')) {
    fail(`${name} is built with Go 1.26 or newer, which is not here`)
    return
  }
  console.log(`> building ${programs.packages.join(' ')}, which takes some minutes`)
  await buildGoPrograms(programs)
}

function aptGet(args: readonly string[], isRoot: boolean): boolean {
  const command = [...(isRoot ? [] : ['sudo']), 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args]
  console.log(`> ${command.join(' ')}`)
  const [program = '', ...rest] = command
  return spawnSync(program, rest, { stdio: 'inherit' }).status === 0
}

function fail(message: string): void {
  console.error(message)
  process.exitCode = 1
}
