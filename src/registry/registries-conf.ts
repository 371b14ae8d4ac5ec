/** registries.conf of podman, skopeo and buildah (containers-registries.conf(5)): read when first asked for, once. */
import { readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Failure, fileFailure, systemCode } from '../base/index.ts'
import { parseRules, type RegistryRules } from './registry-rules.ts'

export interface RegistriesConf {
  readonly rules: RegistryRules
  /** where logins are looked for, in this order: names of helpers, and `authFilesName` for the files of logins */
  readonly credentialHelpers: readonly string[]
}

/** @throws Failure REGISTRY_CONFIG when a file cannot be understood, FILE_SYSTEM */
export type ContainersConf = () => Promise<RegistriesConf>

/** Stands in `credential-helpers` for the files of containers-auth.json(5). */
export const authFilesName = 'containers-auth.json'

export interface ContainersConfOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** the folder of the machine's files, default /etc/containers */
  readonly system?: string
}

/**
 * `$CONTAINERS_REGISTRIES_CONF` alone when it is set; else the user's file or the machine's, then the drop-in files of
 * the machine and of the user, in the order of their names.
 */
export function containersConf(options: ContainersConfOptions): ContainersConf {
  let reading: Promise<RegistriesConf> | undefined
  return () => (reading ??= readConf(options))
}

async function readConf({ env, system = '/etc/containers' }: ContainersConfOptions): Promise<RegistriesConf> {
  const named = env['CONTAINERS_REGISTRIES_CONF']
  if (named) {
    const file = await readConfFile(named)
    if (file) return merged([file])
    throw new Failure('REGISTRY_CONFIG', `there is no file ${named}, which CONTAINERS_REGISTRIES_CONF names`)
  }
  const user = join(env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config'), 'containers')
  const main =
    (await readConfFile(join(user, 'registries.conf'))) ??
    (await readConfFile(join(system, 'registries.conf')))
  const dropIns = [...(await dropInsOf(system)), ...(await dropInsOf(user))]
  return merged(
    [main, ...(await Promise.all(dropIns.map(readConfFile)))].filter((file) => file !== undefined),
  )
}

/** Of two entries for one prefix, and of two lists of helpers, the later one holds. */
function merged(files: readonly ConfFile[]): RegistriesConf {
  const rules = files.flatMap((file) => file.rules)
  const helpers = files.findLast((file) => file.credentialHelpers !== undefined)?.credentialHelpers ?? []
  return {
    rules: [...new Map(rules.map((rule) => [rule.prefix, rule])).values()],
    credentialHelpers: helpers.length === 0 ? [authFilesName] : helpers,
  }
}

interface ConfFile {
  readonly rules: RegistryRules
  readonly credentialHelpers: readonly string[] | undefined
}

async function dropInsOf(folder: string): Promise<string[]> {
  const dropIns = join(folder, 'registries.conf.d')
  try {
    const names = await readdir(dropIns)
    return names
      .filter((name) => name.endsWith('.conf'))
      .toSorted()
      .map((name) => join(dropIns, name))
  } catch (error) {
    if (isAbsent(error)) return []
    throw fileFailure('read', dropIns, error)
  }
}

async function readConfFile(path: string): Promise<ConfFile | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw fileFailure('read', path, error)
  }
  // Debian's own file says nothing but comments and an empty list.
  if (!/\[\[?\s*registr|^\s*["']?credential-helpers/m.test(text))
    return { rules: [], credentialHelpers: undefined }
  const { parse, TomlError } = await import('smol-toml')
  try {
    const document = parse(text)
    return { rules: parseRules(document, path), credentialHelpers: parseHelpers(document, path) }
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const [, why = 'it is no TOML'] = /^Invalid TOML document: (.*)/.exec(error.message) ?? []
    throw new Failure('REGISTRY_CONFIG', `${path} is not well formed: ${why}`, {
      at: {
        file: path,
        line: error.line,
        column: error.column,
        lineText: text.split('\n')[error.line - 1] ?? '',
      },
      cause: error,
    })
  }
}

function parseHelpers(document: Readonly<Record<string, unknown>>, path: string): string[] | undefined {
  const helpers = document['credential-helpers']
  if (helpers === undefined) return undefined
  if (Array.isArray(helpers) && helpers.every((helper) => typeof helper === 'string')) return helpers
  throw new Failure(
    'REGISTRY_CONFIG',
    `${path} cannot be understood: credential-helpers is no list of names`,
    {
      hint: 'man containers-registries.conf describes it',
    },
  )
}

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemCode(error) ?? '')
}
