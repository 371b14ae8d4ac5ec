/**
 * A loaded image as a kubelet takes it: over the Container Runtime Interface it is there under its name, and a pod runs
 * with it, although nothing was unpacked when it was loaded.
 */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, test } from 'node:test'
import { containerdLines, skipWithoutContainerd, startContainerd } from '../support/containerd.ts'
import { openCri } from '../support/cri.ts'
import { writeProject } from '../support/project.ts'
import { shellImagePlatforms, writeShellImage } from '../support/shell-image.ts'
import { slipwayOk } from '../support/slipway.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** Layers that a pull unpacked are discarded, as on kind's nodes; the rest is for machines that are containers themselves. */
const config = `[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "docker.io/library/pause:1"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".containerd]
discard_unpacked_layers = true
`

const pauseDockerfile = `FROM scratch
COPY --chmod=0755 busybox /
CMD ["/busybox", "sleep", "1000"]
`

describe('a kubelet', async () => {
  for (const line of containerdLines) {
    const skip = await skipWithoutContainerd(line)
    test(`runs a loaded image on containerd ${line}`, { skip, timeout: 120_000 }, async () => {
      await using containerd = await startContainerd(line, { config })
      await using folder = await temporaryFolder()
      await writeShellImage(folder.join('app'))
      await writeProject(folder.path, {
        'pause/Dockerfile': pauseDockerfile,
        'pause/busybox': await readFile('/usr/bin/busybox'),
      })
      const env = { CONTAINERD_ADDRESS: containerd.socket, CONTAINERD_NAMESPACE: 'k8s.io' }
      const options = { home: folder.join('home'), cwd: folder.path, env }
      await slipwayOk(['build', '--load=containerd', '-t', 'pause:1', 'pause'], options)
      const flags = ['--load=containerd', '--platform', shellImagePlatforms, '-t', 'registry.test/app:1']
      await slipwayOk(['build', ...flags, 'app'], options)

      const cri = openCri(containerd.socket)
      try {
        // The kubelet's side learns of images from events, a moment later.
        let status = await cri.imageStatus('registry.test/app:1')
        for (let tries = 0; status === undefined && tries < 50; tries++) {
          await delay(100)
          status = await cri.imageStatus('registry.test/app:1')
        }
        assert.deepEqual(status?.repoTags, ['registry.test/app:1'])
        const pod = await cri.runPod({ name: 'app', image: 'registry.test/app:1', logs: folder.path })
        try {
          for (let tries = 0; (await pod.exitCode()) === undefined; tries++) {
            assert.ok(tries < 100, 'the container does not end')
            await delay(100)
          }
          assert.equal(await pod.exitCode(), 0)
          assert.match(await readFile(folder.join('log'), 'utf8'), / stdout F one\n/)
        } finally {
          await pod.remove()
        }
      } finally {
        cri.close()
      }
    })
  }
})
