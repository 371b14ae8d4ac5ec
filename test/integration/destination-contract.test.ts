/** Every destination keeps the contract; what its programs say of it is compared with what was sent. */
import { destinationContract } from '../contract/destination.ts'
import { containerdSite, kindSite } from '../contract/destinations/containerd-sites.ts'
import { dockerSite, podmanSite } from '../contract/destinations/engine-sites.ts'
import { archiveSite, layoutSite } from '../contract/destinations/folder-sites.ts'
import { registrySite } from '../contract/destinations/registry-site.ts'
import { pinnedShelfSite } from '../contract/destinations/shelf-site.ts'
import { containerdLines, skipWithoutContainerd } from '../support/containerd.ts'
import { skipWithoutDockerRegistry } from '../support/docker-registry.ts'
import { imageStores, skipWithoutDockerd } from '../support/dockerd.ts'
import { skipWithoutPodman } from '../support/podman.ts'
import { hasProgram } from '../support/program.ts'
import { requirePart } from '../support/require-part.ts'

const withoutSkopeo = requirePart('skopeo', hasProgram('skopeo'))

destinationContract({
  name: 'layout',
  skip: withoutSkopeo,
  start: layoutSite,
  exempt: { 'leaves nothing': 'whole blobs stay in a layout: another run may count on them by now' },
})
for (const format of ['oci', 'docker'] as const) {
  destinationContract({
    name: `${format} archive`,
    skip: withoutSkopeo,
    start: archiveSite(format),
    exempt: { 'keeps content': 'an archive is written as a whole' },
  })
}
destinationContract({
  name: 'registry',
  skip: skipWithoutDockerRegistry() || withoutSkopeo,
  start: registrySite,
  exempt: { 'leaves nothing': 'blobs without a name stay in a registry and are found again' },
})
for (const store of imageStores) {
  destinationContract({
    name: `docker with the ${store} store`,
    skip: await skipWithoutDockerd(store),
    start: dockerSite(store),
  })
}
destinationContract({ name: 'podman', skip: skipWithoutPodman(), start: podmanSite })
for (const line of containerdLines) {
  const skip = await skipWithoutContainerd(line)
  destinationContract({ name: `containerd ${line}`, skip, start: containerdSite(line) })
  destinationContract({ name: `kind with containerd ${line}`, skip, start: kindSite(line) })
}
// Without a pin nothing is sent at all until somebody pulls: src/build/dest/shelf/shelf.test.ts.
destinationContract({ name: 'embedded registry, pinned', skip: withoutSkopeo, start: pinnedShelfSite })
