/** The base images of the cases. Small: every case prints the tree of its base. */
import type { TestBase } from './base-images.ts'

const passwd = [
  'root:x:0:0:root:/root:/bin/sh',
  'app:x:1000:1001::/home/app:/bin/sh',
  'nogroup:x:1500:1999::/:/bin/sh',
  '12:x:77:78::/:/bin/sh',
].join('\n')
const group = ['root:x:0:', 'staff:x:50:app', 'app:x:1001:', '34:x:88:'].join('\n')

/** A system as distributions lay it out today. */
const system = {
  'usr/': 0o755,
  'usr/bin/': 0o755,
  'usr/bin/sh': { content: 'shell', mode: 0o755 },
  'usr/lib/': 0o755,
  bin: '-> usr/bin',
  lib: '-> usr/lib',
  'etc/': 0o755,
  'etc/passwd': `${passwd}\n`,
  'etc/group': `${group}\n`,
  'home/': 0o755,
  'home/app/': { mode: 0o750, uid: 1000, gid: 1001 },
  'run/': 0o755,
  'tmp/': 0o1777,
  'var/': 0o755,
  'var/run': '-> /run',
  'var/tmp/': 0o1777,
} as const

export const bases = {
  system: { layers: [system] },
  /** only its users and groups */
  owners: { layers: [{ 'etc/': 0o755, 'etc/passwd': `${passwd}\n`, 'etc/group': `${group}\n` }] },
  /** everything a config can have */
  configured: {
    layers: [{ 'srv/': 0o755 }],
    run: {
      User: 'app:staff',
      ExposedPorts: { '80/tcp': {} },
      Env: ['PATH=/opt/bin:/bin', 'BASE=from base', 'EMPTY=', 'ODD'],
      Entrypoint: ['/entry', 'with space'],
      Cmd: ['from', 'base'],
      Volumes: { '/data': {} },
      WorkingDir: '/srv',
      Labels: { 'base.label': 'one', both: 'base' },
      StopSignal: 'SIGQUIT',
      Shell: ['/bin/base-shell', '-e'],
      Healthcheck: { Test: ['CMD', 'check'], Interval: 5_000_000_000, Retries: 2 },
      ArgsEscaped: true,
    },
    image: { author: 'someone', 'os.features': ['f'] },
  },
  /** fields that only their makers know */
  'unknown-fields': {
    layers: [{ a: 'a' }],
    run: { Env: ['A=1'], Unknown: { kept: [1, 'two'] } },
    image: { 'org.example.unknown': { deep: true } },
  },
  onbuild: {
    layers: [{ 'app/': 0o755 }],
    run: {
      WorkingDir: '/app',
      OnBuild: ['ARG FLAVOUR=plain', 'COPY trigger.txt ./', 'ENV FLAVOUR=$FLAVOUR', 'LABEL by=trigger'],
    },
  },
  'onbuild-from': { layers: [{ a: 'a' }], run: { OnBuild: ['COPY --from=s /f /got'] } },
  'onbuild-wrong': { layers: [{ a: 'a' }], run: { OnBuild: ['NONE of this'] } },
  /** links of every kind, inside and out of their folder */
  links: {
    layers: [
      {
        'real/': 0o755,
        'real/file': 'the file',
        'real/deep/': 0o711,
        absolute: '-> /real',
        relative: '-> real',
        chain: '-> absolute',
        dots: '-> real/../real/deep',
        out: '-> ../../../../real',
        'to-file': '-> real/file',
        dangling: '-> nowhere/here',
        'dangling-root': '-> /created',
        'loop-a': '-> loop-b',
        'loop-b': '-> loop-a',
        self: '-> self',
        'real/up': '-> ..',
        one: 'linked twice',
        two: { hardlink: 'one' },
      },
    ],
  },
  /** modes and owners that must stay, and directories whose group goes on to what is made in them */
  modes: {
    layers: [
      {
        'sticky/': 0o1777,
        'setgid/': { mode: 0o2775, uid: 0, gid: 50 },
        'owned/': { mode: 0o700, uid: 1000, gid: 1001 },
        'owned/inner/': { mode: 0o500, uid: 1000, gid: 1001 },
        tool: { content: 'set uid', mode: 0o4755, uid: 3, gid: 4 },
        capable: {
          content: 'binds low ports',
          mode: 0o755,
          xattrs: { 'security.capability': '\u0001\0\0\u0002\0\u0004\0\0\0\0\0\0\0\0\0\0\0\0\0\0' },
        },
      },
    ],
  },
  /** files that upper layers remove and replace */
  whiteouts: {
    isGzip: true,
    layers: [
      {
        'keep/': 0o755,
        'keep/a': 'a',
        'keep/b': 'b',
        'gone/': 0o755,
        'gone/x': 'x',
        'opaque/': 0o755,
        'opaque/old': 'old',
        file: 'was a file',
        'folder/': 0o755,
        'folder/inside': 'inside',
        link: '-> keep',
      },
      {
        'keep/.wh.b': '',
        '.wh.gone': '',
        'opaque/': 0o700,
        'opaque/.wh..wh..opq': '',
        'opaque/new': 'new',
        'file/': 0o711,
        'file/child': 'child',
        folder: 'was a folder',
        '.wh.link': '',
      },
    ],
  },
  /** parents that no layer lists */
  implicit: { layers: [{ 'deep/down/file': 'found' }, { 'deep/other/': { mode: 0o700, uid: 5, gid: 6 } }] },
  /** no layer, no config */
  nothing: { layers: [], image: { config: undefined } },
  'null-commands': { layers: [{ a: 'a' }], run: { Cmd: null, Entrypoint: null, Env: null, OnBuild: null } },
  'empty-commands': { layers: [{ a: 'a' }], run: { Cmd: [], Entrypoint: [], Env: [], WorkingDir: '' } },
  'short-history': {
    layers: [{ a: 'a' }, { b: 'b' }],
    image: { history: [{ created_by: 'only one' }] },
  },
  'no-history': { layers: [{ a: 'a' }, { b: 'b' }], image: { history: undefined } },
  'empty-history': {
    layers: [{ a: 'a' }],
    image: { history: [{ created_by: 'ENV', empty_layer: true }, { created_by: 'COPY' }] },
  },
  platforms: {
    layers: [{ a: 'a' }],
    platforms: [
      { architecture: 'amd64' },
      { architecture: 'arm64', variant: 'v8' },
      { architecture: 'arm', variant: 'v7' },
      { architecture: 'arm', variant: 'v6' },
    ],
  },
} satisfies Readonly<Record<string, TestBase>>
