/**
 * Logins of this machine, as docker, podman, skopeo and buildah keep and read them: files (see `authFiles`) and the
 * helpers that they name. Everything is read when it is first asked for, once; what helpers answer stays in memory.
 */
import { mkdir, readFile, realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import {
  Failure,
  fileFailure,
  once,
  systemCode,
  withLockFile,
  writeFileAtomically,
  type Waiting,
} from '../base/index.ts'
import {
  credentialsOf,
  dockerHubKey,
  helperOf,
  hostKey,
  hostKeys,
  parseAuthFile,
  scopedKey,
  type AuthEntries,
} from './auth-entries.ts'
import { authFiles, type AuthFile, type AuthFilesOptions } from './auth-files.ts'
import { askCredentialHelper, eraseInHelper, storeInHelper, type HelperOptions } from './credential-helper.ts'
import type { Credentials, CredentialSource } from './credentials.ts'

export interface CredentialStoreOptions extends Waiting, AuthFilesOptions {
  /** limit for one run of a helper, default 15,000 ms */
  readonly helperTimeoutMs?: number | undefined
}

export interface Login {
  readonly username: string
  readonly password: string
}

export interface CredentialStore {
  /**
   * The first of: `$DOCKER_AUTH_CONFIG`; then in each file the entry for the longest part of the repository's name, the
   * helper for the host, the entry for the host.
   * @throws Failure REGISTRY_UNAUTHORIZED when a file or a helper's answer cannot be understood, FILE_SYSTEM
   */
  readonly find: CredentialSource
  /** Starts the helper for a host, if it has one, so that its answer is there when it is needed. Never fails. */
  readonly prepare: (host: string) => void
  /**
   * Keeps a login where one of the host is kept already, else in the last file or the helper that it names.
   * Resolves with the place: a path or a helper. @throws Failure REGISTRY_UNAUTHORIZED, FILE_SYSTEM, NO_SPACE
   */
  readonly save: (host: string, login: Login) => Promise<string>
  /** Removes the logins of a host from everywhere `find` looks. Resolves with the places that had one. @throws as `save` */
  readonly remove: (host: string) => Promise<string[]>
}

const variable = 'DOCKER_AUTH_CONFIG'
const noEntries = parseAuthFile('{}', '')

export function openCredentialStore(options: CredentialStoreOptions): CredentialStore {
  const { env, helperTimeoutMs = 15_000, signal } = options
  const files = authFiles(options)
  const reading = once<string, AuthEntries>()
  const asking = once<string, Credentials | undefined>()

  const entriesOf = (file: AuthFile) => reading(file.path, () => readEntries(file))
  const helperOptions = (host: string, { flavour }: AuthFile): HelperOptions => ({
    host,
    server: keyFor(host, flavour),
    env,
    timeoutMs: helperTimeoutMs,
    signal,
  })
  const ask = (helper: string, host: string, file: AuthFile) =>
    asking(`${helper} ${keyFor(host, file.flavour)}`, () =>
      askCredentialHelper(helper, helperOptions(host, file)),
    )

  async function findIn(file: AuthFile, host: string, repository: string): Promise<Credentials | undefined> {
    const entries = await entriesOf(file)
    const scoped = scopedKey(entries, host, repository)
    if (scoped !== undefined) return credentialsOf(entries.auths[scoped], scoped, file.path)
    const helper = helperOf(entries, host)
    const answer = helper === undefined ? undefined : await ask(helper, host, file)
    return answer ?? entryOf(entries, host, file.path)
  }

  return {
    async find(host, repository = '') {
      const fromVariable = findInVariable(env[variable], host, repository)
      if (fromVariable) return fromVariable
      for (const file of files) {
        const found = await findIn(file, host, repository)
        if (found) return found
      }
      return undefined
    },
    prepare(host) {
      const start = async () => {
        for (const file of files) {
          const entries = await entriesOf(file)
          const helper = helperOf(entries, host)
          if (helper !== undefined) return ask(helper, host, file)
          if (hostKey(entries, host) !== undefined) return undefined
        }
        return undefined
      }
      // Whoever needs the answer meets the error.
      start().catch(() => undefined)
    },
    async save(host, login) {
      const file = await fileFor(host)
      const entries = await readEntries({ ...file, isNamed: false })
      const helper = helperOf(entries, host)
      if (helper !== undefined) await storeInHelper(helper, login, helperOptions(host, file))
      const auth = Buffer.from(`${login.username}:${login.password}`).toString('base64')
      await changeFile(file, (auths) => {
        for (const key of hostKeys(auths, host)) delete auths[key]
        // What a helper keeps is named in the file, as docker does, so that others find it.
        auths[keyFor(host, file.flavour)] = helper === undefined ? { auth } : {}
      })
      return helper === undefined ? file.path : `docker-credential-${helper}`
    },
    async remove(host) {
      const places: string[] = []
      for (const file of files) {
        const entries = await readEntries({ ...file, isNamed: false })
        const helper = helperOf(entries, host)
        if (helper !== undefined && (await eraseInHelper(helper, helperOptions(host, file))))
          places.push(`docker-credential-${helper}`)
        if (hostKey(entries, host) !== undefined) places.push(file.path)
        if (hostKeys(entries.auths, host).length === 0) continue
        await changeFile(file, (auths) => {
          for (const key of hostKeys(auths, host)) delete auths[key]
        })
      }
      return places
    },
  }

  async function fileFor(host: string): Promise<AuthFile> {
    for (const file of files) {
      const entries = await readEntries({ ...file, isNamed: false })
      const isKept = hostKey(entries, host) !== undefined || Object.hasOwn(entries.credHelpers, host)
      if (isKept) return file
    }
    return files.at(-1)!
  }
}

function findInVariable(text: string | undefined, host: string, repository: string): Credentials | undefined {
  if (!text) return undefined
  const name = `$${variable}`
  const entries = parseAuthFile(text, name)
  const scoped = scopedKey(entries, host, repository)
  return scoped === undefined
    ? entryOf(entries, host, name)
    : credentialsOf(entries.auths[scoped], scoped, name)
}

function entryOf(entries: AuthEntries, host: string, path: string): Credentials | undefined {
  const key = hostKey(entries, host)
  return key === undefined ? undefined : credentialsOf(entries.auths[key], key, path)
}

function keyFor(host: string, flavour: AuthFile['flavour']): string {
  return host === 'docker.io' && flavour === 'docker' ? dockerHubKey : host
}

async function readEntries({ path, isNamed }: AuthFile): Promise<AuthEntries> {
  try {
    const text = await readFile(path, 'utf8')
    return text.trim() === '' ? noEntries : parseAuthFile(text, path)
  } catch (error) {
    const code = systemCode(error)
    const isAbsent = code === 'ENOENT' || code === 'ENOTDIR'
    // The folder of another user's session says nothing about our logins.
    if (!isNamed && (isAbsent || code === 'EACCES')) return noEntries
    if (!isAbsent) throw fileFailure('read', path, error)
    throw new Failure('REGISTRY_UNAUTHORIZED', `there is no file ${path}, which REGISTRY_AUTH_FILE names`, {
      hint: 'log in, which makes it: slipway login HOST; or unset REGISTRY_AUTH_FILE',
      cause: error,
    })
  }
}

/** Changes `auths` and leaves everything else as it is; readable by its owner only. */
async function changeFile(file: AuthFile, change: (auths: Record<string, unknown>) => void): Promise<void> {
  try {
    await mkdir(dirname(file.path), { recursive: true, mode: 0o700 })
    // A link, as people who keep their configuration elsewhere have one, stays a link.
    const path = await realpath(file.path).catch(() => file.path)
    await withLockFile(`${path}.lock`, async () => {
      const { document, auths } = await readEntries({ ...file, isNamed: false })
      const changed = { ...auths }
      change(changed)
      const text = JSON.stringify({ ...document, auths: changed }, undefined, '\t')
      await writeFileAtomically(path, `${text}\n`, { mode: 0o600 })
    })
  } catch (error) {
    throw fileFailure('write', file.path, error)
  }
}
