/**
 * What the Dockerfiles of examples/demo say, read by a person and written down as tables: for each image, instruction
 * by instruction, what its layer puts where. Nothing of src/ is used, so a mistake there cannot hide here.
 */
import { join } from 'node:path'
import { readEntry, readTree, type TreeEntry } from './file-tree.ts'

type Owner = readonly [uid: number, gid: number]

/** One instruction: its history entry and, when it makes a layer, what it puts into the tree. */
export interface Step {
  readonly keyword: string
  /** makes no layer when there are none */
  readonly changes: readonly Change[]
}

type Change =
  | { readonly kind: 'directory'; readonly path: string; readonly owner?: Owner }
  /** a file or everything below a folder of examples/demo, at a path of the image */
  | {
      readonly kind: 'copy'
      readonly from: string
      readonly to: string
      readonly mode?: number
      readonly owner?: Owner
    }

export interface RunConfig {
  readonly User?: string
  readonly Env?: readonly string[]
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  /** BuildKit sets it with every CMD (dockerfile2llb, dispatchCmd); image-spec keeps it for compatibility */
  readonly ArgsEscaped?: boolean
  readonly WorkingDir?: string
  readonly ExposedPorts?: Readonly<Record<string, object>>
  readonly Volumes?: Readonly<Record<string, object>>
  readonly StopSignal?: string
  readonly Labels?: Readonly<Record<string, string>>
}

export interface ExpectedImage {
  readonly steps: readonly Step[]
  readonly config: RunConfig
}

export interface DemoBuild {
  readonly image: string
  readonly variant: 'debug' | 'distroless'
  readonly architecture: 'amd64' | 'arm64'
}

export const demoBases = ['base', 'distroless'] as const
export const demoImages = [
  'web',
  'buf',
  'buf-previous',
  'biome',
  'biome-previous',
  'typescript',
  'turbo',
  'turbo-previous',
  'moon',
  'moon-previous',
  'release',
  'ci',
] as const

const demo: Owner = [1337, 1337]
const nonroot: Owner = [65_532, 65_532]
const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin'
const version = 'DEMO_VERSION=1.0.0'

export function expectedImage({ image, variant, architecture }: DemoBuild): ExpectedImage {
  const out = `out/linux_${architecture}`
  const base = baseImage(variant, out)
  if (demoBases.some((name) => name === image)) return base
  const own = imageOn(variant, out)[image]
  if (!own) throw new Error(`no expectation for ${image}`)
  const { Labels, ...config } = own.config
  return {
    steps: [...base.steps, ...own.steps],
    config: {
      ...base.config,
      ...config,
      ...(config.Cmd && { ArgsEscaped: true }),
      Labels: { ...base.config.Labels, ...Labels },
    },
  }
}

/** The file tree of the image, from files of `root` (examples/demo). */
export async function expectedTree(root: string, { steps }: ExpectedImage): Promise<Map<string, TreeEntry>> {
  const tree = new Map<string, TreeEntry>()
  for (const change of steps.flatMap((step) => step.changes)) {
    const [uid, gid] = change.owner ?? [0, 0]
    for (let parent = dirname(change.kind === 'copy' ? change.to : change.path); parent !== '';) {
      if (!tree.has(parent)) tree.set(parent, { type: 'directory', mode: 0o755, uid: 0, gid: 0 })
      parent = dirname(parent)
    }
    if (change.kind === 'directory') {
      tree.set(change.path, { type: 'directory', mode: 0o755, uid, gid })
      continue
    }
    for (const [name, entry] of await hostFiles(join(root, change.from))) {
      const target = [change.to, name].filter((part) => part !== '').join('/')
      const mode = entry.type === 'symlink' ? entry.mode : (change.mode ?? entry.mode)
      tree.set(target, { ...entry, mode, uid, gid })
    }
  }
  return tree
}

function baseImage(variant: DemoBuild['variant'], out: string): ExpectedImage {
  const folders = ['usr/bin', 'usr/sbin', 'usr/local/bin', 'home/demo', 'home/nonroot']
  const isDebug = variant === 'debug'
  return {
    steps: [
      ...folders.map((folder) => step('WORKDIR', directory(folder))),
      step('WORKDIR'),
      step('COPY', copy('static/rootfs', '')),
      step('COPY', copy('static/sticky', '', { mode: 0o1777 })),
      ...(isDebug
        ? [step('COPY', copy('static/debug', '')), step('ARG'), step('COPY', copy(`${out}/rg`, 'usr/bin/rg'))]
        : []),
      ...steps('ENV', 'LABEL', ...(isDebug ? [] : ['USER'])),
    ],
    config: {
      Env: [path],
      WorkingDir: '/',
      ...(!isDebug && { User: 'nonroot' }),
      Labels: { 'org.opencontainers.image.title': 'demo base', 'dev.slipway.demo.flavour': variant },
    },
  }
}

function imageOn(variant: DemoBuild['variant'], out: string): Record<string, ExpectedImage> {
  // A folder that WORKDIR makes belongs to the user of that moment: the distroless base ends with USER nonroot.
  const work = (folder: string) => step('WORKDIR', directory(folder, variant === 'debug' ? [0, 0] : nonroot))
  const licenses = step(
    'COPY',
    directory('usr/share/licenses'),
    copy('static/licenses', 'usr/share/licenses'),
  )
  const program = (name: string, as = name) => copy(`${out}/${name}`, `usr/local/bin/${as}`)
  const title = (text: string) => ({ 'org.opencontainers.image.title': text })
  const buf = (release: string): ExpectedImage => ({
    steps: [
      work('project'),
      licenses,
      step('COPY', copy('static/buf.yaml', 'project/buf.yaml')),
      ...steps('ARG', 'ARG'),
      step('COPY', program(`buf${release}`, 'buf')),
      step('COPY', program(`protoc-gen-buf-breaking${release}`), program(`protoc-gen-buf-lint${release}`)),
      ...steps('ARG', 'ENV', 'ENV', 'LABEL', 'LABEL', 'VOLUME', 'EXPOSE', 'USER', 'ENTRYPOINT', 'CMD'),
    ],
    config: {
      Env: [path, version, 'BUF_CACHE_DIR=/var/cache/buf'],
      WorkingDir: '/project',
      Volumes: { '/var/cache/buf': {}, '/project': {} },
      ExposedPorts: { '8080/tcp': {} },
      User: '1337:1337',
      Entrypoint: ['/usr/local/bin/buf'],
      Cmd: ['beta', 'studio-agent', '--bind', '0.0.0.0', '--port', '8080'],
      Labels: { ...title('buf'), 'dev.slipway.demo.release': `1${release}` },
    },
  })
  const biome = (source: string): ExpectedImage => ({
    steps: [
      licenses,
      ...steps('ARG', 'ARG'),
      step('COPY', { ...program(source, 'biome'), mode: 0o555 }),
      ...steps('ARG', 'ENV'),
      step('COPY', directory('etc/biome'), copy('static/ci/biome.json', 'etc/biome/biome.json')),
      step('LABEL'),
      work('project'),
      ...steps('USER', 'ENTRYPOINT', 'CMD'),
    ],
    config: {
      Env: [path, version, 'BIOME_CONFIG_PATH=/etc/biome/biome.json'],
      WorkingDir: '/project',
      User: '1337:1337',
      Entrypoint: ['biome'],
      Cmd: ['--help'],
      Labels: title(`biome (${source})`),
    },
  })
  const tool = (name: string, source = name): ExpectedImage => ({
    steps: [
      licenses,
      ...steps('ARG', 'ARG', 'ARG'),
      step('COPY', program(source, name)),
      step(
        'COPY',
        directory('etc/demo', demo),
        copy('static/ci/turbo.json', 'etc/demo/turbo.json', { owner: demo }),
      ),
      ...steps('ARG', 'ENV', 'ENV', 'LABEL'),
      work('project'),
      ...steps('VOLUME', 'USER', 'CMD'),
    ],
    config: {
      Env: [path, version, 'TURBO_TELEMETRY_DISABLED=1', 'MOON_TOOLCHAIN_FORCE_GLOBALS=true'],
      WorkingDir: '/project',
      Volumes: { '/project': {} },
      User: '1337:1337',
      Cmd: ['--version'],
      Labels: { ...title(name), 'dev.slipway.demo.source': source },
    },
  })
  return {
    web: {
      steps: [
        licenses,
        step('ARG'),
        step('COPY', program('esbuild')),
        step('COPY', directory('srv', demo), copy('static/site', 'srv', { owner: demo })),
        ...steps('ARG', 'ENV', 'LABEL', 'WORKDIR', 'EXPOSE', 'STOPSIGNAL', 'USER', 'ENTRYPOINT'),
      ],
      config: {
        Env: [path, version, 'ESBUILD_WORKER_THREADS=0'],
        WorkingDir: '/srv',
        ExposedPorts: { '8080/tcp': {} },
        StopSignal: 'SIGTERM',
        User: '1337:1337',
        Entrypoint: ['/usr/local/bin/esbuild', '--serve=8080', '--servedir=/srv', '--watch=forever'],
        Labels: { ...title('web'), 'org.opencontainers.image.version': '1.0.0' },
      },
    },
    buf: buf(''),
    'buf-previous': buf('-1.71'),
    biome: biome('biome'),
    'biome-previous': biome('biome-2.4'),
    typescript: {
      steps: [
        licenses,
        step('ARG'),
        step('COPY', program('tsc')),
        step('COPY', program('tsgo'), program('tsgolint')),
        ...steps('ARG', 'ENV', 'LABEL'),
        work('project'),
        ...steps('USER', 'ENTRYPOINT', 'CMD'),
      ],
      config: {
        Env: [path, version],
        WorkingDir: '/project',
        User: '1337:1337',
        Entrypoint: ['/usr/local/bin/tsc'],
        Cmd: ['--version'],
        Labels: title('typescript'),
      },
    },
    turbo: tool('turbo'),
    'turbo-previous': tool('turbo', 'turbo-2.9'),
    moon: tool('moon'),
    'moon-previous': tool('moon', 'moon-1.41'),
    release: {
      steps: [
        licenses,
        step('COPY', program('sentry-cli'), program('dprint')),
        step('COPY', copy('static/release.rc', 'home/demo/.release.rc', { mode: 0o640, owner: demo })),
        step('ARG'),
        // /bin is a link of the base
        step('COPY', copy(`${out}/lefthook`, 'usr/bin/lefthook')),
        ...steps('ARG', 'ENV', 'LABEL', 'WORKDIR', 'STOPSIGNAL', 'USER', 'ENTRYPOINT', 'CMD'),
      ],
      config: {
        Env: [path, version, 'HOME=/home/demo'],
        WorkingDir: '/home/demo',
        StopSignal: 'SIGINT',
        User: 'demo',
        Entrypoint: ['/usr/local/bin/sentry-cli'],
        Cmd: ['--help'],
        Labels: {
          ...title('release'),
          'org.opencontainers.image.description': 'tools of a release day',
        },
      },
    },
    ci: {
      steps: [
        licenses,
        step('ARG'),
        step('COPY', { ...program('biome'), mode: 0o555 }),
        ...['tsc', 'turbo', 'esbuild'].map((name) => step('COPY', program(name))),
        step('COPY', copy(`${out}/lefthook`, 'usr/bin/lefthook')),
        step(
          'COPY',
          directory('etc/ci', demo),
          ...['biome.json', 'turbo.json', 'lefthook.yml'].map((name) =>
            copy(`static/ci/${name}`, `etc/ci/${name}`, { owner: demo }),
          ),
        ),
        ...steps('ARG', 'ENV', 'LABEL'),
        work('project'),
        work('project/tree'),
        ...steps('USER', 'ENTRYPOINT', 'CMD'),
      ],
      config: {
        Env: ['PATH=/usr/local/bin:/usr/bin', version, 'CI=true'],
        WorkingDir: '/project/tree',
        User: '1337',
        Entrypoint: ['turbo'],
        Cmd: ['--version'],
        Labels: { ...title('ci'), 'org.opencontainers.image.version': '1.0.0' },
      },
    },
  }
}

function step(keyword: string, ...changes: Change[]): Step {
  return { keyword, changes }
}

/** Instructions that make no layer. */
function steps(...keywords: string[]): Step[] {
  return keywords.map((keyword) => step(keyword))
}

function directory(at: string, owner?: Owner): Change {
  return { kind: 'directory', path: at, ...(owner && { owner }) }
}

function copy(
  from: string,
  to: string,
  rest: { readonly mode?: number; readonly owner?: Owner } = {},
): Change & { kind: 'copy' } {
  return { kind: 'copy', from, to, ...rest }
}

const known = new Map<string, Promise<[string, TreeEntry][]>>()

/** A file as `['', entry]`, or everything below a folder; programs are hashed once for all images. */
async function hostFiles(source: string): Promise<[string, TreeEntry][]> {
  const read = async (): Promise<[string, TreeEntry][]> => {
    const entry = await readEntry(source)
    return entry.type === 'directory' ? [...(await readTree(source))] : [['', entry]]
  }
  const work = known.get(source) ?? read()
  known.set(source, work)
  return work
}

function dirname(name: string): string {
  return name.includes('/') ? name.slice(0, name.lastIndexOf('/')) : ''
}
