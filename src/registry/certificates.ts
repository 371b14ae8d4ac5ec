/**
 * Certificates that somebody has put down for a registry host, in a folder named after it: `*.crt` are authorities,
 * `NAME.cert` and `NAME.key` a certificate of ours (docker "Verify repository client with certificates",
 * containers-certs.d(5)).
 */
import { readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Failure, fileFailure, systemCode } from '../base/index.ts'
import type { TlsOptions } from '../http/index.ts'

export interface CertificatesOptions {
  readonly env: Readonly<Record<string, string | undefined>>
}

export type Certificates = Pick<TlsOptions, 'authorities' | 'certificates'>

/** Folders with a folder for each host: those of podman and skopeo, then those of docker, the user's own first. */
export function certificateFolders({ env }: CertificatesOptions): string[] {
  const home = env['HOME'] || homedir()
  return [
    join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'containers', 'certs.d'),
    '/etc/containers/certs.d',
    join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'docker', 'certs.d'),
    join(home, '.docker', 'certs.d'),
    '/etc/docker/certs.d',
  ]
}

/**
 * What is there for a host such as `registry.example:5000`, from the first folder that has it; nothing for none.
 * @throws Failure REGISTRY_CONFIG when a certificate lacks its key or a file holds none, FILE_SYSTEM
 */
export async function readCertificates(
  host: string,
  options: CertificatesOptions,
): Promise<Certificates | undefined> {
  for (const parent of certificateFolders(options)) {
    const folder = join(parent, host)
    const names = await namesIn(folder)
    const found = names && (await readFolder(folder, names))
    if (found) return found
  }
  return undefined
}

async function readFolder(folder: string, names: readonly string[]): Promise<Certificates | undefined> {
  for (const name of names) {
    const [, stem = '', kind = ''] = /^(.*)\.(cert|key)$/.exec(name) ?? []
    const missing = `${stem}.${kind === 'cert' ? 'key' : 'cert'}`
    if (kind === '' || names.includes(missing)) continue
    throw new Failure('REGISTRY_CONFIG', `${join(folder, name)} is there, but ${missing} beside it is not`, {
      hint:
        kind === 'cert'
          ? 'NAME.cert is a certificate of yours, with its key in NAME.key; an authority is named NAME.crt'
          : 'put the certificate that the key belongs to beside it',
    })
  }
  const read = (name: string) => readText(join(folder, name))
  const authorities = names.filter((name) => name.endsWith('.crt'))
  const own = names.filter((name) => name.endsWith('.cert'))
  if (authorities.length + own.length === 0) return undefined
  return {
    authorities: (
      await Promise.all(authorities.map(async (name) => certificatesIn(await read(name), join(folder, name))))
    ).flat(),
    certificates: await Promise.all(
      own.map(async (name) => ({
        certificate: await read(name),
        key: await read(name.replace(/cert$/, 'key')),
      })),
    ),
  }
}

/** Each certificate of a bundle by itself. */
function certificatesIn(pem: string, path: string): string[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
  if (found) return found
  throw new Failure('REGISTRY_CONFIG', `${path} holds no certificate in PEM`, {
    hint: `write it as PEM: openssl x509 -inform der -in FILE -out ${path}`,
  })
}

async function namesIn(folder: string): Promise<string[] | undefined> {
  try {
    return (await readdir(folder)).toSorted()
  } catch (error) {
    const code = systemCode(error) ?? ''
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(code)) return undefined
    throw fileFailure('read', folder, error)
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw fileFailure('read', path, error)
  }
}
