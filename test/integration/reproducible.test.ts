/** The same sources give the same images, whenever, wherever and by whomever they are built. */
import assert from 'node:assert/strict'
import { lutimes, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { runProgram } from '../support/program.ts'
import { seededBytes, seededRandom, writeProject } from '../support/project.ts'
import { slipwayOk, type SlipwayOptions } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const seed = Number(process.env['SLIPWAY_TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31))

const plan = `
hubs: [localhost/reproducible]
tags: [one, two]
platforms: [linux/amd64, linux/arm64]
variants:
  debug: { default: true, args: { BASE: base } }
  plain: { args: { BASE: scratch } }
artifacts:
  tools:
    command: |
      mkdir -p "$TARGET_OUT_LINUX"
      for name in one two; do
        printf '%s for %s\\n' "$name" "$TARGET_ARCH" > "$TARGET_OUT_LINUX/$name"
        chmod 755 "$TARGET_OUT_LINUX/$name"
      done
    outputs: ['\${TARGET_OUT_LINUX}/one', '\${TARGET_OUT_LINUX}/two']
images:
  - { name: base, dockerfile: Dockerfile.base, context: rootfs, base: true, variants: [] }
  - name: tools
    dockerfile: Dockerfile
    artifacts: [tools]
    files: [share, data/blob]
    labels: { built.by: test }
  - { name: whole, dockerfile: Dockerfile.whole, context: . }
`

const dockerfile = `
ARG BASE=scratch
FROM localhost/reproducible/base:one AS base
FROM \${BASE}
ARG TARGETARCH
WORKDIR /project/here
COPY \${TARGETARCH}/one \${TARGETARCH}/two /usr/bin/
COPY --chown=7:8 share /usr/share/tools
COPY --chmod=640 blob /var/lib/
ENV A=b
USER 7
ENTRYPOINT ["/usr/bin/one"]
`

before(() => void process.stdout.write(`SLIPWAY_TEST_SEED=${seed} repeats this run\n`))

suite('the digests of a run', { timeout: 120_000 }, () => {
  let folder: TemporaryFolder
  let first: Map<string, string>
  before(async () => {
    folder = await temporaryFolder()
    await writeSources(folder.join('first'))
    first = await build(folder.join('first'), { home: folder.join('home'), umask: '022' })
    assert.ok(first.size > 20, `${first.size} files in the layout`)
  })
  after(() => folder?.remove())

  test('do not depend on times, umask, working folder, caches, time zone and language', async () => {
    const other = folder.join('another', 'folder with a space')
    await runProgram('mkdir', ['-p', folder.join('another')])
    await runProgram('cp', ['-a', folder.join('first'), other])
    for (const path of ['out', 'layout']) await runProgram('rm', ['-r', join(other, path)])
    await scrambleTimes(other, seededRandom(seed))
    const env = { TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', HOSTNAME: 'elsewhere' }
    const second = await build(other, { home: folder.join('home2'), umask: '077', env })
    assert.deepEqual(second, first)
  })

  test('are the same again with what was remembered, without it, and with new times', async () => {
    const home = folder.join('home')
    assert.deepEqual(await build(folder.join('first'), { home }, 'again'), first)
    assert.deepEqual(await build(folder.join('first'), { home }, 'uncached', ['--no-cache']), first)
    await scrambleTimes(join(folder.join('first'), 'share'), seededRandom(seed + 1))
    assert.deepEqual(await build(folder.join('first'), { home }, 'touched'), first)
  })

  test('change with a mode, a name and a byte of the sources', async () => {
    const changes = {
      mode: ['chmod', '600', 'share/tools.conf'],
      name: ['mv', 'share/tools.conf', 'share/tools.config'],
      byte: ['sh', '-c', 'printf X >> share/tools.conf'],
    }
    for (const [what, [program = '', ...args]] of Object.entries(changes)) {
      const copy = folder.join(what)
      await runProgram('cp', ['-a', folder.join('first'), copy])
      await runProgram(program, args, { cwd: copy })
      const changed = await build(copy, { home: folder.join('home') }, 'changed')
      assert.notEqual(changed.get('index.json'), first.get('index.json'), what)
    }
  })
})

/** Builds everything into a new layout; its files and their contents. */
async function build(
  root: string,
  options: SlipwayOptions,
  name = 'layout',
  flags: readonly string[] = [],
): Promise<Map<string, string>> {
  const layout = join(root, name)
  const args = ['bake', '--root', root, '-f', join(root, 'slipway.yaml'), '--save', layout, ...flags]
  await slipwayOk([...args, 'base', 'tools', 'whole'], { cwd: root, ...options })
  const files = (await readdir(layout, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  )
  const contents = new Map<string, string>()
  for (const { parentPath, name: base } of files.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(parentPath, base)
    contents.set(path.slice(layout.length + 1), await readFile(path, 'latin1'))
  }
  return contents
}

async function writeSources(root: string): Promise<void> {
  const many = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [`share/many/${(index * 7) % 40}`, `file ${index}`]),
  )
  await writeProject(root, {
    'slipway.yaml': plan,
    Dockerfile: dockerfile,
    'Dockerfile.base': 'FROM scratch\nCOPY . /\nENV PATH=/usr/bin\n',
    'Dockerfile.whole': 'FROM scratch\nCOPY . /src\n',
    '.dockerignore': 'layout*\nagain\nuncached\ntouched\nchanged\nout\n',
    'rootfs/usr/bin/': { mode: 0o755 },
    'rootfs/bin': { link: 'usr/bin' },
    'rootfs/etc/passwd': 'root:x:0:0::/root:/bin/sh\n',
    'rootfs/tmp/': { mode: 0o1777 },
    'share/tools.conf': 'a = 1\n',
    'share/ünï/Ž': 'names that sort differently in languages',
    'share/I': 'dotless',
    'share/ı': 'dotless too',
    'share/empty': '',
    'share/private': { content: 'mine', mode: 0o600 },
    'share/run': { content: '#!/bin/sh\n', mode: 0o4755 },
    'share/shared/': { mode: 0o2775 },
    'share/link': { link: '../data/blob' },
    'share/dangling': { link: '/no/such/file' },
    'data/blob': seededBytes(7, 300_000),
    ...many,
  })
  await scrambleTimes(root, seededRandom(seed + 2))
}

/** Gives every file, folder and link times of its own, with parts of seconds, some before 1970 and some to come. */
async function scrambleTimes(root: string, random: () => number): Promise<void> {
  const names = await readdir(root, { recursive: true })
  for (const name of [...names, '.']) {
    await lutimes(join(root, name), random() * 4e9 - 1e8, random() * 4e9 - 1e8)
  }
}
