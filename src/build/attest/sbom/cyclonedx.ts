/** SBOMs as CycloneDX 1.6 JSON, by the library of the CycloneDX project. */
// One by one, because the whole has validators with schemas and parsers too.
import * as Enums from '@cyclonedx/cyclonedx-library/Enums'
import * as Models from '@cyclonedx/cyclonedx-library/Models'
import * as Serialize from '@cyclonedx/cyclonedx-library/Serialize'
import * as Spec from '@cyclonedx/cyclonedx-library/Spec'
import { digestHex } from '../../../oci/index.ts'
import { licenseExpression } from './license.ts'
import type { FoundPackage, ImagePackages } from './packages.ts'
import { subjectUrl, timeOf, type SbomOptions, type SbomSubject } from './sbom-subject.ts'

const { ComponentType } = Enums

/** The document as text. Same input, same text: its serial number comes from the digest of the manifest. */
export function cyclonedxText(
  subject: SbomSubject,
  { packages, release, unread }: ImagePackages,
  options: SbomOptions,
): string {
  const { name, manifest } = subject
  const image = new Models.Component(ComponentType.Container, name, {
    version: manifest.digest,
    bomRef: subjectUrl(subject),
    purl: subjectUrl(subject),
    hashes: new Models.HashDictionary([[Enums.HashAlgorithm['SHA-256'], digestHex(manifest.digest)]]),
  })
  const components = new Map(packages.map((one) => [one.url, componentOf(one)]))
  for (const one of packages) {
    const { dependencies } = components.get(one.url)!
    for (const url of one.dependsOn) {
      const other = components.get(url)
      if (other) dependencies.add(other.bomRef)
    }
  }
  for (const { bomRef } of components.values()) image.dependencies.add(bomRef)
  const bom = new Models.Bom({
    serialNumber: serialOf(digestHex(manifest.digest)),
    components: new Models.ComponentRepository(components.values()),
    metadata: new Models.Metadata({
      timestamp: timeOf(options),
      component: image,
      tools: new Models.Tools({
        components: new Models.ComponentRepository([
          new Models.Component(ComponentType.Application, 'slipway', { version: options.version }),
        ]),
      }),
      properties: new Models.PropertyRepository(
        unread.map(({ path, why }) => new Models.Property('slipway:unread', `/${path} (${why})`)),
      ),
    }),
  })
  if (release) {
    bom.components.add(
      new Models.Component(ComponentType.OperatingSystem, release.id, {
        bomRef: `os:${release.id}`,
        ...(release.versionId && { version: release.versionId }),
        ...(release.prettyName && { description: release.prettyName }),
      }),
    )
  }
  const factory = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6)
  return new Serialize.JsonSerializer(factory).serialize(bom, { sortLists: true })
}

function componentOf({ name, version, url, license, maintainer, places }: FoundPackage): Models.Component {
  return new Models.Component(ComponentType.Library, name, {
    bomRef: url,
    purl: url,
    ...(version && { version }),
    ...(license && { licenses: new Models.LicenseRepository([licenseOf(license)]) }),
    ...(maintainer && { supplier: new Models.OrganizationalEntity({ name: maintainer }) }),
    properties: new Models.PropertyRepository(
      places.flatMap(({ path, diffId }) => [
        new Models.Property('slipway:path', `/${path}`),
        new Models.Property('slipway:layer', diffId),
      ]),
    ),
  })
}

function licenseOf(text: string): Models.License {
  const expression = licenseExpression(text)
  return expression === undefined ? new Models.NamedLicense(text) : new Models.LicenseExpression(expression)
}

/** A UUID of version 8 (RFC 9562), whose bits are free for a use like this. */
function serialOf(hex: string): string {
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16)
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `${variant}${hex.slice(17, 20)}`]
  return `urn:uuid:${[...parts, hex.slice(20, 32)].join('-')}`
}
