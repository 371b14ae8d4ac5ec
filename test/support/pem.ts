/** Self-signed certificates made in this process, for tests that only need something to read (RFC 5280). */
import { generateKeyPairSync, sign } from 'node:crypto'

export interface PemPair {
  readonly certificate: string
  readonly key: string
}

/** A certificate for P-256 that is good for the year around now. */
export function selfSignedPem(name: string): PemPair {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = sequence(objectId('2a8648ce3d040302'))
  const subject = sequence(tag(0x31, sequence(objectId('550403'), tag(0x0c, Buffer.from(name)))))
  const day = 86_400_000
  const validity = sequence(time(Date.now() - 180 * day), time(Date.now() + 180 * day))
  const body = sequence(
    tag(0xa0, tag(0x02, Buffer.from([2]))),
    tag(0x02, Buffer.from([1])),
    algorithm,
    subject,
    validity,
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
  )
  const signature = sign('sha256', body, privateKey)
  const der = sequence(body, algorithm, tag(0x03, Buffer.concat([Buffer.from([0]), signature])))
  const lines = der.toString('base64').replaceAll(/.{1,64}/g, '$&\n')
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function tag(type: number, content: Buffer): Buffer {
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([type, ...size]), content])
}

const sequence = (...parts: readonly Buffer[]) => tag(0x30, Buffer.concat(parts))
const objectId = (hex: string) => tag(0x06, Buffer.from(hex, 'hex'))

function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)
  return tag(0x17, Buffer.from(`${text}Z`))
}
