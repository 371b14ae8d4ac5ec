/** SBOMs of built images; all of this is loaded when the first is asked for. */
import type { Waiting } from '../../../base/index.ts'
import { encodeJson, type Descriptor } from '../../../oci/index.ts'
import type { BuiltPlatform } from '../../image.ts'
import type { ResolvedImage } from '../../plan/model.ts'
import type { SbomFormat } from '../attest-options.ts'
import type { ReferrerDocument } from '../referrer.ts'
import { newImageFacts } from './image-facts.ts'
import { imagePackages, type ImagePackages } from './packages.ts'
import type { SbomOptions, SbomSubject } from './sbom-subject.ts'

export interface SbomWriterOptions extends Waiting {
  readonly sbom: readonly SbomFormat[]
  readonly cache: string
  readonly warn: (message: string) => void
  readonly version: string
  /** seconds since the epoch that the documents of an image carry */
  readonly timeOf: (image: ResolvedImage) => number
}

type WriteDocument = (subject: SbomSubject, packages: ImagePackages, options: SbomOptions) => ReferrerDocument

/** For one build: what its documents are, once its manifest is known. */
export function newSbomWriter(
  options: SbomWriterOptions,
): (image: ResolvedImage, built: BuiltPlatform) => Promise<(manifest: Descriptor) => ReferrerDocument[]> {
  const facts = newImageFacts(options)
  const warnUnread = unreadWarnings(options.warn)
  return async (image, built) => {
    const packages = imagePackages(await facts(built.layers))
    warnUnread(packages.unread)
    const writers = await Promise.all(options.sbom.map(async (format) => loadWriter(format)))
    const settings = { version: options.version, created: options.timeOf(image) }
    return (manifest) => {
      const subject = { name: image.name, platform: built.platform, manifest }
      return writers.map((write) => write(subject, packages, settings))
    }
  }
}

async function loadWriter(format: SbomFormat): Promise<WriteDocument> {
  if (format === 'spdx') {
    const { spdxDocument } = await import('./spdx.ts')
    return (...input) => ({
      mediaType: 'application/spdx+json',
      fileName: 'sbom.spdx.json',
      bytes: encodeJson(spdxDocument(...input)),
    })
  }
  const { cyclonedxText } = await import('./cyclonedx.ts')
  return (...input) => ({
    mediaType: 'application/vnd.cyclonedx+json',
    fileName: 'sbom.cdx.json',
    bytes: Buffer.from(cyclonedxText(...input)),
  })
}

/** Files that could not be read, told once in a run, those with one reason together. */
function unreadWarnings(warn: SbomWriterOptions['warn']): (unread: ImagePackages['unread']) => void {
  const told = new Set<string>()
  return (unread) => {
    const fresh = unread.filter(({ path, why }) => !told.has(`${path}\0${why}`))
    for (const { path, why } of fresh) told.add(`${path}\0${why}`)
    for (const [why, files = []] of Object.entries(Object.groupBy(fresh, (file) => file.why))) {
      const shown = files.slice(0, 3).map(({ path }) => `/${path}`)
      const rest = files.length > shown.length ? ` and ${files.length - shown.length} more` : ''
      warn(`the SBOM leaves out ${shown.join(', ')}${rest}: ${why}`)
    }
  }
}
