/** `--load=containerd` into real daemons: what is sent, what stays, what is left when it fails. */
import assert from 'node:assert/strict'
import { chmod, mkdir } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import {
  containerdLines,
  skipWithoutContainerd,
  startContainerd,
  type Containerd,
} from '../support/containerd.ts'
import { runProgram } from '../support/program.ts'
import {
  changeShellImage,
  ownPlatform,
  shellImagePlatforms,
  shellImageSizes,
  writeShellImage,
} from '../support/shell-image.ts'
import { slipway, slipwayOk, startSlipway, eventsOf, type SlipwayOptions } from '../support/slipway.ts'
import { startSocketMeter, type SocketMeter } from '../support/socket-meter.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const name = 'docker.io/library/app:1'

for (const line of containerdLines) {
  const skip = await skipWithoutContainerd(line)
  describe(`containerd ${line}`, { skip, timeout: 120_000 }, () => {
    let containerd: Containerd
    let folder: TemporaryFolder
    let meter: SocketMeter
    let options: SlipwayOptions
    before(async () => {
      containerd = await startContainerd(line)
      folder = await temporaryFolder()
      meter = await startSocketMeter(folder.join('meter.sock'), containerd.socket)
      await writeShellImage(folder.join('app'))
      const env = { CONTAINERD_ADDRESS: folder.join('meter.sock') }
      options = { home: folder.join('home'), cwd: folder.path, env }
    })
    after(async () => {
      await meter?.[Symbol.asyncDispose]()
      await containerd?.stop()
      await folder?.remove()
    })

    const load = async (...flags: string[]) => {
      meter.take()
      const store = flags.some((flag) => flag.startsWith('--load')) ? [] : ['--load=containerd']
      const result = await slipwayOk(['build', ...store, '-t', 'app:1', ...flags, 'app'], options)
      return { result, bytes: meter.take(), digest: result.stdout.trim().split('\n').at(-1)! }
    }
    let first: string
    let containers = 0
    const run = (image = name) =>
      containerd.ctr(['run', '--rm', '--net-host', image, `${image.replace(/\W/g, '-')}-${++containers}`])
    const columns = async (args: string[], column: number) =>
      (await containerd.ctr(args))
        .split('\n')
        .slice(1)
        .map((row) => row.split(/\s+/)[column]!)
    const images = () => columns(['images', 'ls'], 0)
    const leases = () => columns(['leases', 'ls'], 0)
    const content = async () => (await containerd.ctr(['content', 'ls', '-q'])).split('\n')
    /** A collection of garbage, waited for: what deleting a lease can ask for. */
    const collect = async () => {
      await containerd.ctr(['leases', 'create', '--id', 'none'])
      await containerd.ctr(['leases', 'delete', '--sync', 'none'])
    }
    const checked = async (image: string) =>
      (await containerd.ctr(['images', 'check'])).split('\n').find((row) => row.startsWith(image))

    test('an image is whole, has our digest, and runs', async () => {
      const { bytes, digest } = await load()
      assert.ok(bytes > shellImageSizes.base + shellImageSizes.app)
      first = digest
      assert.deepEqual(await images(), [name])
      assert.deepEqual(await columns(['images', 'ls'], 2), [digest])
      assert.match((await checked(name))!, / complete \(4\/4\) /)
      assert.deepEqual(await leases(), [])
      assert.equal(await run(), 'one')
    })

    test('the second load after one changed file moves only that layer', async () => {
      await changeShellImage(folder.join('app'), 'two')
      const { bytes, result } = await load()
      assert.ok(
        bytes > shellImageSizes.app && bytes < shellImageSizes.app + 40_000,
        `${bytes} bytes were sent`,
      )
      const layers = eventsOf(result, 'blob').filter(({ bytes: size }) => (size as number) > 100_000)
      assert.deepEqual(
        layers.map(({ state }) => String(state)).toSorted((a, b) => a.localeCompare(b)),
        ['exists', 'exists', 'uploaded'],
      )
      assert.equal(await run(), 'two')
    })

    test('nothing is sent when nothing changed', async () => {
      const { bytes } = await load()
      assert.ok(bytes < 20_000, `${bytes} bytes were sent`)
    })

    test('what an image needs outlives a collection, what it needed before does not', async () => {
      await collect()
      assert.ok(!(await content()).includes(first), 'nothing was collected')
      assert.match((await checked(name))!, / complete \(4\/4\) /)
      assert.equal(await run(), 'two')
    })

    test('what was collected is sent again', async () => {
      await containerd.ctr(['images', 'rm', '--sync', name])
      await collect()
      assert.deepEqual(await content(), [''])
      const { bytes } = await load()
      assert.ok(bytes > shellImageSizes.base)
      assert.equal(await run(), 'two')
    })

    test('of several platforms, that of the machine is sent, and the index works without the other', async () => {
      const index = 'docker.io/library/app:index'
      const { bytes, digest } = await load('-t', 'app:index', '--platform', shellImagePlatforms)
      // COPY gives the same layers on every platform; only documents differ.
      assert.ok(bytes < 30_000, `${bytes} bytes were sent`)
      await collect()
      assert.equal(
        (await containerd.ctr(['images', 'ls', `name==${index}`])).split(/\s+/).includes(digest),
        true,
      )
      assert.match((await checked(index))!, / complete \(4\/4\) /)
      assert.equal(await run(index), 'two')
      await containerd.ctr(['images', 'rm', '--sync', index])
    })

    test('an image for another machine only is sent whole', async () => {
      const foreign = shellImagePlatforms.split(',').find((platform) => platform !== ownPlatform)!
      await load('-t', 'app:foreign', '--platform', foreign)
      const text = await containerd.ctr(['images', 'ls', 'name==docker.io/library/app:foreign'])
      assert.match(text, new RegExp(` ${foreign} `))
      await containerd.ctr(['images', 'rm', '--sync', 'docker.io/library/app:foreign'])
    })

    test('another namespace takes what is there from the first', async () => {
      const { bytes, result } = await load('--load=containerd:k8s.io')
      assert.ok(bytes < 30_000, `${bytes} bytes were sent`)
      assert.ok(eventsOf(result, 'blob').every(({ state }) => state === 'mounted' || state === 'uploaded'))
      const rows = await containerd.ctr(['--namespace', 'k8s.io', 'images', 'check'])
      assert.match(rows, / complete \(4\/4\) /)
    })

    test('two runs at once load the same image', async () => {
      await changeShellImage(folder.join('app'), 'three')
      const other = { ...options, home: folder.join('other') }
      const args = ['build', '--load=containerd', '-t', 'app:1', 'app']
      await Promise.all([slipwayOk(args, options), slipwayOk(args, other)])
      assert.equal(await run(), 'three')
      assert.deepEqual(await leases(), [])
    })

    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      test(`after ${signal} in the middle the name leads where it led`, async () => {
        const [kept, digests] = [await content(), await columns(['images', 'ls'], 2)]
        await changeShellImage(folder.join('app'), signal)
        const end = await startSlipway(
          ['build', '--load=containerd', '-t', 'app:1', '-t', 'app:new', '--progress=json', 'app'],
          {
            ...options,
            onEvent: ({ kind, bytes }, { interrupt }) =>
              void (kind === 'blob-started' && (bytes as number) > 100_000 && interrupt(signal)),
          },
        ).ended
        assert.deepEqual([end.status, end.signal], signal === 'SIGINT' ? [130, null] : [null, signal])
        assert.deepEqual(await columns(['images', 'ls'], 2), digests)
        assert.equal(await run(), 'three')
        if (signal === 'SIGINT') {
          assert.deepEqual(await leases(), [])
          assert.deepEqual(await content(), kept)
        } else {
          // Nobody is left to give the lease up; it ends by itself.
          assert.match(await containerd.ctr(['leases', 'ls']), /containerd.io\/gc.expire=/)
        }
      })
    }

    test('a namespace that is not there is no reason to hide images in it', async () => {
      const { status, stderr } = await slipway(
        ['build', '--load=containerd:k8s-io', '-t', 'a:1', 'app'],
        options,
      )
      assert.equal(status, 1)
      assert.match(stderr, /containerd has no namespace "k8s-io"/)
      assert.match(stderr, /did you mean k8s\.io\?/)
    })

    test('a user who may not use the socket is told so', async () => {
      await chmod(folder.path, 0o755)
      const result = await slipway(['build', '--load=containerd', '-t', 'a:1', folder.join('app')], {
        ...options,
        user: 65534,
      })
      assert.equal(result.status, 1)
      assert.match(result.stderr, /cannot reach containerd at .*: permission denied/)
    })

    test('a daemon that goes away in the middle leaves nothing that has a name', async () => {
      await changeShellImage(folder.join('app'), 'lost')
      const end = await startSlipway(
        ['build', '--load=containerd', '-t', 'app:1', '--progress=json', 'app'],
        {
          ...options,
          onEvent: ({ kind, bytes }) =>
            void (kind === 'blob-started' && (bytes as number) > 100_000 && meter.cut()),
        },
      ).ended
      assert.equal(end.status, 1)
      assert.match(end.stderr, /containerd at .*: it went away/)
      assert.equal(await run(), 'three')
    })

    test('no daemon is told before any work', async () => {
      const { status, stderr } = await slipway(['build', '--load=containerd', '-t', 'a:1', 'app'], options)
      assert.equal(status, 1)
      assert.match(stderr, /cannot reach containerd at .*meter\.sock: there is no such socket/)
      assert.match(stderr, /CONTAINERD_ADDRESS/)
    })
  })

  test(`a full disk of containerd ${line} is told, and nothing is named`, { skip }, async () => {
    await using folder = await temporaryFolder()
    const disk = folder.join('disk')
    await mkdir(disk)
    await runProgram('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk])
    try {
      await using containerd = await startContainerd(line, { root: disk })
      await writeShellImage(folder.join('app'))
      const { status, stderr } = await slipway(['build', '--load=containerd', '-t', 'app:1', 'app'], {
        home: folder.join('home'),
        cwd: folder.path,
        env: { CONTAINERD_ADDRESS: containerd.socket },
      })
      assert.equal(status, 1)
      assert.match(stderr, /^error: cannot put sha256:\w+ into containerd at \S+: its disk is full$/m)
      assert.equal(await containerd.ctr(['images', 'ls', '-q']), '')
      assert.equal(await containerd.ctr(['leases', 'ls', '-q']), '')
    } finally {
      await runProgram('umount', ['--lazy', disk])
    }
  })
}
