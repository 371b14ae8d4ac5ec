/** Takes note of what a build uses from outside while it uses it. */
import type { Digest, Platform, Reference } from '../../../oci/index.ts'
import { redactUrl } from '../../../http/index.ts'
import type { AddSources } from '../../add/add-sources.ts'
import { imageMaterial, sortMaterials, type Material } from './material.ts'

export interface Recorder {
  readonly addSources: AddSources
  addImage(reference: Reference, platform: Platform, digest: Digest | undefined): void
  /** what was noted so far, in a fixed order */
  materials(): Material[]
}

export function newRecorder(addSources: AddSources): Recorder {
  const noted: Material[] = []
  return {
    addSources: {
      ...addSources,
      async download(url, checksum, at) {
        const downloaded = await addSources.download(url, checksum, at)
        const [algorithm = '', hex = ''] = downloaded.digest.split(':')
        noted.push({ uri: redactUrl(url), digest: { [algorithm]: hex } })
        return downloaded
      },
      async checkOut(reference, keepGitDir, at) {
        const checkout = await addSources.checkOut(reference, keepGitDir, at)
        const { remote, ref } = reference
        noted.push({
          uri: `git+${redactUrl(remote)}${ref === undefined ? '' : `@${ref}`}`,
          digest: { gitCommit: checkout.commit },
        })
        return checkout
      },
    },
    addImage(reference, platform, digest) {
      if (digest !== undefined) noted.push(imageMaterial(reference, platform, digest))
    },
    materials: () => sortMaterials(noted),
  }
}
