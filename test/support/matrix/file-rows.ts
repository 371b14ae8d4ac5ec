/** Layouts and archives of the matrix, read by skopeo. */
import { join } from 'node:path'
import { sha256 } from '../../../src/oci/index.ts'
import { hasProgram } from '../program.ts'
import { requirePart } from '../require-part.ts'
import { skopeoManifest } from '../skopeo.ts'
import { compressions, referenceAt, type Row } from './place.ts'

export function fileRows(): Row[] {
  const skip = requirePart('skopeo', hasProgram('skopeo'))
  const row = (name: string, type: string, file: string, transport: string): Row => ({
    name,
    skip,
    compressions,
    async start({ folder, hub }) {
      return {
        place(compression) {
          const path = join(folder, `${compression}-${file}`)
          const isArchive = path.endsWith('.tar')
          const destination = `${isArchive ? 'archive' : 'layout'} ${path}`
          const referenceOf = (image: 'one' | 'two') => referenceAt(hub, compression, image)
          // An archive for Docker is an OCI layout as well, with the digests of one.
          const index = transport === 'docker-archive' ? 'oci-archive' : transport
          return {
            flags: ['-o', `type=${type},dest=${path}`],
            destination,
            isOwn: (name) => name === destination,
            referenceOf,
            identity: 'index',
            digestOf: async (image) => sha256(await skopeoManifest(`${index}:${path}:${referenceOf(image)}`)),
            sourceOf: async (image) => `${transport}:${path}:${referenceOf(image)}`,
            ...(isArchive && { file: path }),
          }
        },
        close: async () => {},
      }
    },
  })
  return [
    row('layout', 'oci', 'layout', 'oci'),
    row('oci archive', 'oci', 'oci.tar', 'oci-archive'),
    row('docker archive', 'docker', 'docker.tar', 'docker-archive'),
  ]
}
