/** Authorities and certificates of tests, made by `openssl`, for elliptic curves, as these are quick to make. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasProgram, runProgram } from './program.ts'
import { requirePart } from './require-part.ts'

/** Paths of files in PEM. */
export interface CertificateFiles {
  readonly certificate: string
  readonly key: string
}

export interface Authority extends CertificateFiles {
  /** signs a certificate for these names, such as `DNS:localhost` and `IP:127.0.0.1` */
  readonly sign: (name: string, options?: SignOptions) => Promise<CertificateFiles>
}

export interface SignOptions {
  /** default: localhost and 127.0.0.1 */
  readonly names?: readonly string[]
  /** the certificate was good for one day a year ago; default: it is good for one day from now */
  readonly isExpired?: boolean
}

/** For the `skip` option of a test. */
export function skipWithoutOpenssl(): string | false {
  return requirePart('openssl', hasProgram('openssl'))
}

/** A new authority whose files, and those that it signs, go into the folder. */
export async function newAuthority(folder: string, name = 'ca'): Promise<Authority> {
  const own = await selfSigned(folder, name)
  let serial = 1
  return {
    ...own,
    async sign(subject, { names = ['DNS:localhost', 'IP:127.0.0.1'], isExpired = false } = {}) {
      const [key, request, certificate, extensions] = ['key', 'csr', 'pem', 'ext'].map((kind) =>
        join(folder, `${subject}.${kind}`),
      ) as [string, string, string, string]
      await openssl(['req', ...newKey(key), '-subj', `/CN=${subject}`, '-out', request])
      await writeFile(extensions, `subjectAltName=${names.join(',')}\n`)
      const issuer = ['-CA', own.certificate, '-CAkey', own.key, '-set_serial', String(++serial)]
      const files = ['-in', request, '-out', certificate, '-extfile', extensions]
      const days = isExpired ? ['-days', '-1'] : ['-days', '1']
      await openssl(['x509', '-req', ...files, ...issuer, ...days])
      return { certificate, key }
    },
  }
}

/** A certificate that signs itself. */
export async function selfSigned(folder: string, name: string): Promise<CertificateFiles> {
  const [key, certificate] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)]
  await openssl(['req', '-x509', ...newKey(key), '-subj', `/CN=${name}`, '-days', '1', '-out', certificate])
  return { certificate, key }
}

function newKey(path: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', path]
}

async function openssl(args: readonly string[]): Promise<void> {
  await runProgram('openssl', args)
}
