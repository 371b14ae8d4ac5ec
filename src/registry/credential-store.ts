/**
 * Logins of this machine, as docker, podman, skopeo and buildah keep and read them: files (see `authFiles`) and the
 * helpers that they or registries.conf name. Everything is read when it is first asked for, once; what helpers answer stays in memory.
 */
import { once, type Waiting } from '../base/index.ts'
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
import { changeAuthFile, readAuthFile } from './auth-file.ts'
import { authFiles, type AuthFile, type AuthFilesOptions } from './auth-files.ts'
import { askCredentialHelper, eraseInHelper, storeInHelper, type HelperOptions } from './credential-helper.ts'
import type { Credentials, CredentialSource } from './credentials.ts'
import { authFilesName, containersConf, type ContainersConf } from './registries-conf.ts'

export interface CredentialStoreOptions extends Waiting, AuthFilesOptions {
  /** limit for one run of a helper, default 15,000 ms */
  readonly helperTimeoutMs?: number | undefined
  /** registries.conf, whose `credential-helpers` may name others than the files; default: that of `env` */
  readonly conf?: ContainersConf | undefined
}

export interface Login {
  readonly username: string
  readonly password: string
}

export interface CredentialStore {
  /**
   * The first of: `$DOCKER_AUTH_CONFIG`; then what the helpers of registries.conf answer, and in each file the entry for the longest part of the repository's name, the
   * helper for the host, the entry for the host.
   * @throws Failure REGISTRY_UNAUTHORIZED when a file or a helper's answer cannot be understood, FILE_SYSTEM
   */
  readonly find: CredentialSource
  /** Starts the helper for a host, if it has one, so that its answer is there when it is needed. Never fails. */
  readonly prepare: (host: string) => void
  /**
   * Keeps a login where registries.conf says first; in files where one of the host is kept already, else in the last
   * file or the helper that it names. Resolves with the place: a path or a helper. @throws Failure REGISTRY_UNAUTHORIZED, FILE_SYSTEM, NO_SPACE
   */
  readonly save: (host: string, login: Login) => Promise<string>
  /** Removes the logins of a host from everywhere `find` looks. Resolves with the places that had one. @throws as `save` */
  readonly remove: (host: string) => Promise<string[]>
}

/** Where logins are: a file, or a helper that registries.conf names for all hosts. */
type Place = AuthFile | { readonly helper: string; readonly flavour: 'containers' }

const variable = 'DOCKER_AUTH_CONFIG'

export function openCredentialStore(options: CredentialStoreOptions): CredentialStore {
  const { env, helperTimeoutMs = 15_000, conf = containersConf({ env }), signal } = options
  const files = authFiles(options)
  const reading = once<string, AuthEntries>()
  const asking = once<string, Credentials | undefined>()

  const entriesOf = (file: AuthFile) => reading(file.path, () => readAuthFile(file))
  const places = async (): Promise<Place[]> =>
    (await conf()).credentialHelpers.flatMap((name): Place[] =>
      name === authFilesName ? files : [{ helper: name, flavour: 'containers' }],
    )
  const helperOptions = (host: string, { flavour }: Pick<Place, 'flavour'>): HelperOptions => ({
    host,
    server: keyFor(host, flavour),
    env,
    timeoutMs: helperTimeoutMs,
    signal,
  })
  const ask = (helper: string, host: string, place: Pick<Place, 'flavour'>) =>
    asking(`${helper} ${keyFor(host, place.flavour)}`, () =>
      askCredentialHelper(helper, helperOptions(host, place)),
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
      const failures: unknown[] = []
      for (const place of await places()) {
        const found =
          'helper' in place
            ? await ask(place.helper, host, place).catch((error: unknown) => void failures.push(error))
            : await findIn(place, host, repository)
        if (found) return found
      }
      if (failures.length > 0) throw failures[0]
      return undefined
    },
    prepare(host) {
      const start = async () => {
        for (const place of await places()) {
          if ('helper' in place) return ask(place.helper, host, place)
          const entries = await entriesOf(place)
          const helper = helperOf(entries, host)
          if (helper !== undefined) return ask(helper, host, place)
          if (hostKey(entries, host) !== undefined) return undefined
        }
        return undefined
      }
      // Whoever needs the answer meets the error.
      start().catch(() => undefined)
    },
    async save(host, login) {
      const failures: unknown[] = []
      for (const name of (await conf()).credentialHelpers) {
        if (name === authFilesName) return saveInFile(host, login)
        try {
          await storeInHelper(name, login, helperOptions(host, { flavour: 'containers' }))
          return `docker-credential-${name}`
        } catch (error) {
          failures.push(error)
        }
      }
      throw failures[0]
    },
    async remove(host) {
      const had: string[] = []
      const failures: unknown[] = []
      for (const place of await places()) {
        if ('helper' in place) {
          const erased = eraseInHelper(place.helper, helperOptions(host, place))
          if (await erased.catch((error: unknown) => void failures.push(error)))
            had.push(`docker-credential-${place.helper}`)
        } else had.push(...(await removeFromFile(place, host)))
      }
      if (failures.length > 0) throw failures[0]
      return had
    },
  }

  async function saveInFile(host: string, login: Login): Promise<string> {
    const file = await fileFor(host)
    const entries = await readAuthFile({ ...file, isNamed: false })
    const helper = helperOf(entries, host)
    if (helper !== undefined) await storeInHelper(helper, login, helperOptions(host, file))
    const auth = Buffer.from(`${login.username}:${login.password}`).toString('base64')
    await changeAuthFile(file, (auths) => {
      for (const key of hostKeys(auths, host)) delete auths[key]
      // What a helper keeps is named in the file, as docker does, so that others find it.
      auths[keyFor(host, file.flavour)] = helper === undefined ? { auth } : {}
    })
    return helper === undefined ? file.path : `docker-credential-${helper}`
  }

  async function removeFromFile(file: AuthFile, host: string): Promise<string[]> {
    const had: string[] = []
    const entries = await readAuthFile({ ...file, isNamed: false })
    const helper = helperOf(entries, host)
    if (helper !== undefined && (await eraseInHelper(helper, helperOptions(host, file))))
      had.push(`docker-credential-${helper}`)
    if (hostKey(entries, host) !== undefined) had.push(file.path)
    if (hostKeys(entries.auths, host).length > 0) {
      await changeAuthFile(file, (auths) => {
        for (const key of hostKeys(auths, host)) delete auths[key]
      })
    }
    return had
  }

  async function fileFor(host: string): Promise<AuthFile> {
    for (const file of files) {
      const entries = await readAuthFile({ ...file, isNamed: false })
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
