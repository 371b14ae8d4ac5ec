/** registries.conf of podman, skopeo and buildah (containers-registries.conf(5)): read when first asked for, once. */
import { readdir, readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Failure, fileFailure, systemCode } from '../base/index.ts'
import { parseRules, type RegistryRules } from './registry-rules.ts'

/** @throws Failure REGISTRY_CONFIG when a file cannot be understood, FILE_SYSTEM */
export type ContainersConf = () => Promise<RegistryRules>

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
  let reading: Promise<RegistryRules> | undefined
  return () => (reading ??= readConf(options))
}

async function readConf({ env, system = '/etc/containers' }: ContainersConfOptions): Promise<RegistryRules> {
  const named = env['CONTAINERS_REGISTRIES_CONF']
  if (named) {
    const rules = await readRules(named)
    if (rules) return rules
    throw new Failure('REGISTRY_CONFIG', `there is no file ${named}, which CONTAINERS_REGISTRIES_CONF names`)
  }
  const user = join(env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config'), 'containers')
  const main =
    (await readRules(join(user, 'registries.conf'))) ?? (await readRules(join(system, 'registries.conf')))
  const dropIns = [...(await dropInsOf(system)), ...(await dropInsOf(user))]
  const files = [main, ...(await Promise.all(dropIns.map(readRules)))].flatMap((rules) => rules ?? [])
  // Of two entries for one prefix the later one holds.
  return [...new Map(files.map((rule) => [rule.prefix, rule])).values()]
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

async function readRules(path: string): Promise<RegistryRules | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw fileFailure('read', path, error)
  }
  // Debian's own file says nothing but comments and an empty list.
  if (!/\[\[?\s*registr/.test(text)) return undefined
  const { parse, TomlError } = await import('smol-toml')
  try {
    return parseRules(parse(text), path)
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

function isAbsent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EACCES'].includes(systemCode(error) ?? '')
}
