/**
 * SBOMs as SPDX 2.3 JSON, which is what scanners and policy engines read today. There is no maintained writer for
 * JavaScript; tests have every document validated by SPDX's own tools.
 */
import { createHash } from 'node:crypto'
import { digestHex, formatPlatform } from '../../../oci/index.ts'
import { licenseExpression } from './license.ts'
import type { FoundPackage, ImagePackages } from './packages.ts'
import { subjectUrl, timeOf, type SbomOptions, type SbomSubject } from './sbom-subject.ts'

const imageId = 'SPDXRef-Image'
const systemId = 'SPDXRef-OperatingSystem'
const unknown = 'NOASSERTION'

/** The document as an object whose keys are in their final order. Same input, same document. */
export function spdxDocument(
  subject: SbomSubject,
  { packages, release, unread }: ImagePackages,
  options: SbomOptions,
): Record<string, unknown> {
  const ids = new Map(packages.map((one) => [one.url, idOf(one)]))
  const { name, platform, manifest } = subject
  const hex = digestHex(manifest.digest)
  const related = packages.flatMap((one) =>
    one.dependsOn.flatMap((url) => {
      const to = ids.get(url)
      return to === undefined ? [] : [relation(ids.get(one.url)!, 'DEPENDS_ON', to)]
    }),
  )
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `${name} ${formatPlatform(platform)}`,
    documentNamespace: `https://slipway.dev/spdx/${encodeURIComponent(name)}/sha256-${hex}`,
    creationInfo: {
      created: timeOf(options)
        .toISOString()
        .replace(/\.\d+Z$/, 'Z'),
      creators: [`Tool: slipway-${options.version}`],
    },
    ...(unread.length > 0 && {
      comment: `Not read: ${unread.map(({ path, why }) => `/${path} (${why})`).join(', ')}`,
    }),
    packages: [
      {
        ...packageOf(imageId, name, manifest.digest, subjectUrl(subject)),
        primaryPackagePurpose: 'CONTAINER',
        checksums: [{ algorithm: 'SHA256', checksumValue: hex }],
      },
      ...(release
        ? [
            {
              ...packageOf(systemId, release.id, release.versionId),
              primaryPackagePurpose: 'OPERATING_SYSTEM',
              ...(release.prettyName && { description: release.prettyName }),
            },
          ]
        : []),
      ...packages.map((one) => listed(ids.get(one.url)!, one)),
    ],
    relationships: [
      relation('SPDXRef-DOCUMENT', 'DESCRIBES', imageId),
      ...(release ? [relation(imageId, 'CONTAINS', systemId)] : []),
      ...packages.map((one) => relation(imageId, 'CONTAINS', ids.get(one.url)!)),
      ...related,
    ],
  }
}

function packageOf(
  id: string,
  name: string,
  version: string | undefined,
  url?: string,
): Record<string, unknown> {
  return {
    SPDXID: id,
    name,
    ...(version && { versionInfo: version }),
    downloadLocation: unknown,
    filesAnalyzed: false,
    licenseConcluded: unknown,
    copyrightText: unknown,
    ...(url && {
      externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: url }],
    }),
  }
}

function listed(id: string, one: FoundPackage): Record<string, unknown> {
  const { name, version, url, license, maintainer, places } = one
  const declared = licenseExpression(license)
  return {
    ...packageOf(id, name, version, url),
    ...(maintainer && { supplier: supplierOf(maintainer) }),
    licenseDeclared: declared ?? unknown,
    ...(license !== undefined && declared === undefined && { licenseComments: `declared as "${license}"` }),
    sourceInfo: places.map(({ path, diffId }) => `/${path} of layer ${diffId}`).join(', '),
  }
}

/** `Name <mail>` is `Organization: Name (mail)`: maintainers of distributions are mostly teams. */
function supplierOf(maintainer: string): string {
  const [, name, mail] = /^(.*?)\s*<([^<>\s]+)>$/.exec(maintainer.replaceAll(/\s+/g, ' ')) ?? []
  const plain = (name ?? maintainer).replaceAll(/[()]/g, '').trim() || mail || maintainer
  return `Organization: ${plain}${mail === undefined ? '' : ` (${mail})`}`
}

function relation(from: string, type: string, to: string): Record<string, string> {
  return { spdxElementId: from, relationshipType: type, relatedSpdxElement: to }
}

/** Readable, and unique as package URLs are. */
function idOf({ kind, name, url }: FoundPackage): string {
  const readable = name.replaceAll(/[^A-Za-z0-9.-]+/g, '-').slice(0, 80)
  return `SPDXRef-Package-${kind}-${readable}-${createHash('sha256').update(url).digest('hex').slice(0, 12)}`
}
