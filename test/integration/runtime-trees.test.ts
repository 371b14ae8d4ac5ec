/**
 * COPY onto a base with linked folders, seen from inside a container: containerd and dockerd unpack a layer without
 * looking at what lies below, so a layer that named `/bin/x` or left out `/tmp` would break the base there.
 */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { hostPlatform } from '../../src/oci/index.ts'
import { startContainerd } from '../support/containerd.ts'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'
import { startDockerd } from '../support/dockerd.ts'
import { hasProgram } from '../support/program.ts'
import { writeProject } from '../support/project.ts'
import { requirePart } from '../support/require-part.ts'
import { slipwayOk } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const parts = ['dockerd', 'containerd', 'ctr', 'runc', 'busybox']
const skip =
  skipWithoutDockerRegistry() ||
  requirePart(parts.join(', '), process.getuid?.() === 0 && parts.every(hasProgram))

const base = `FROM scratch
COPY tree /
COPY --chmod=1777 sticky /
COPY --chmod=0755 busybox /usr/bin/busybox
ENTRYPOINT ["/usr/bin/busybox", "sh", "-c"]
`
const app = (registry: string) => `FROM ${registry}/base:1
COPY tool /bin/
COPY --chown=1337 secret /var/data/app/
COPY note /tmp/
WORKDIR /var/data/app
CMD ["ls -ld /bin /var/data /tmp /data/app | cut -c1-10; cat /usr/bin/tool /data/app/secret /tmp/note; busybox stat -c %u /data/app/secret; pwd -P"]
`
const expected = [
  'lrwxrwxrwx',
  'drwxr-xr-x',
  'drwxrwxrwt',
  'lrwxrwxrwx',
  'tool',
  'secret',
  'note',
  '1337',
  '/data/app',
]

describe('an image on a base with linked folders', { skip, timeout: 120_000 }, () => {
  let registry: DockerRegistry
  let folder: TemporaryFolder
  let image: string
  before(async () => {
    registry = await startDockerRegistry()
    folder = await temporaryFolder()
    image = `${registry.host}/app:1`
    await writeProject(folder.path, {
      'base/Dockerfile': base,
      'base/busybox': { content: await readFile('/usr/bin/busybox'), mode: 0o755 },
      'base/tree/usr/bin/ls': { link: 'busybox' },
      'base/tree/usr/bin/cat': { link: 'busybox' },
      'base/tree/usr/bin/cut': { link: 'busybox' },
      'base/tree/bin': { link: 'usr/bin' },
      'base/tree/data/': {},
      'base/tree/var/data': { link: '/data' },
      'base/sticky/tmp/': {},
      'app/Dockerfile': app(registry.host),
      'app/tool': 'tool\n',
      'app/secret': 'secret\n',
      'app/note': 'note\n',
    })
    const options = { home: folder.join('home'), cwd: folder.path }
    const platform = ['--platform', `linux/${hostPlatform().architecture}`]
    await slipwayOk(['build', '--push', '-t', `${registry.host}/base:1`, ...platform, 'base'], options)
    await slipwayOk(['build', '--push', '-t', image, ...platform, 'app'], options)
  })
  after(async () => {
    await registry?.stop()
    await folder?.remove()
  })

  const check = (output: string) => assert.deepEqual(output.split('\n').toSorted(), expected.toSorted())

  test('is whole in dockerd', async () => {
    await using docker = await startDockerd()
    await docker.run(['pull', '--quiet', image])
    check(await docker.run(['run', '--rm', '--net=host', image]))
  })
  test('is whole in containerd', async () => {
    await using containerd = await startContainerd()
    await containerd.ctr(['images', 'pull', '--plain-http', image])
    check(await containerd.ctr(['run', '--rm', '--net-host', image, 'trees']))
  })
})
