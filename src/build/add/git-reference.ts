/**
 * Git repositories as sources of ADD: `https://host/repo.git#ref:folder`, `git@host:repo.git?ref=..&subdir=..`
 * (BuildKit, frontend/dockerfile/dfgitutil and util/gitutil). Pure.
 */
import { posix } from 'node:path'
import { Failure, type Place } from '../../base/index.ts'

export interface GitReference {
  /** what the `git` program takes */
  readonly remote: string
  /** branch, tag or commit; default: what the remote's HEAD names */
  readonly ref: string | undefined
  /** folder of the repository, clean, without "/" at its ends; '' is the whole */
  readonly subdir: string
  /** beginning of the commit it must be, in hex */
  readonly checksum: string | undefined
  /** undefined: not said */
  readonly keepGitDir: boolean | undefined
  readonly submodules: boolean
}

const scheme = /^([a-zA-Z0-9]+):\/\//
const scpStyle = /^([a-zA-Z0-9-_]+)@([a-zA-Z0-9-.]+):(.*?)(?:\?(.*?))?(?:#(.*))?$/

/** Whether a source of ADD or COPY is a repository rather than a path or a file to download. */
export function isGitSource(text: string): boolean {
  return split(text) !== undefined
}

/** @throws Failure DOCKERFILE_INVALID for a repository with settings that make no sense */
export function parseGitReference(text: string, at: Place): GitReference {
  const parts = split(text)
  if (!parts) throw new Failure('DOCKERFILE_INVALID', `"${text}" is no git repository`, { at })
  const invalid = (why: string): Failure =>
    new Failure('DOCKERFILE_INVALID', `"${text}" cannot be used: ${why}`, { at })
  const colon = parts.fragment.indexOf(':')
  const fragmentRef = colon < 0 ? parts.fragment : parts.fragment.slice(0, colon)
  const settings = readQuery(parts.query, invalid)
  const subdir = one(
    'subdir',
    [colon < 0 ? '' : parts.fragment.slice(colon + 1), settings['subdir']],
    invalid,
  )
  const refs = [fragmentRef, settings['ref'], prefixed('refs/tags/', settings['tag'])]
  if (settings['tag'] && settings['branch']) throw invalid('it names a tag and a branch')
  const ref = one('ref', [...refs, prefixed('refs/heads/', settings['branch'])], invalid)
  const checksum = settings['checksum'] ?? settings['commit']
  if (checksum !== undefined && !/^[0-9a-fA-F]+$/.test(checksum))
    throw invalid(`the commit "${checksum}" is not hexadecimal`)
  return {
    remote: parts.remote,
    ref: ref === '' ? undefined : ref,
    subdir: posix.resolve('/', subdir).slice(1),
    checksum,
    keepGitDir: flag('keep-git-dir', settings, invalid),
    submodules: flag('submodules', settings, invalid) ?? true,
  }
}

interface Parts {
  readonly remote: string
  readonly query: string
  readonly fragment: string
}

function split(text: string): Parts | undefined {
  const name = scheme.exec(text)?.[1]?.toLowerCase()
  if (name === undefined) {
    const match = scpStyle.exec(text)
    if (!match) return undefined
    return { remote: `${match[1]}@${match[2]}:${match[3]}`, query: match[4] ?? '', fragment: match[5] ?? '' }
  }
  if (!['http', 'https', 'ssh', 'git'].includes(name) || !URL.canParse(text)) return undefined
  const url = new URL(text)
  if (name.startsWith('http') && !url.pathname.endsWith('.git')) return undefined
  const [, address = '', query = '', fragment = ''] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(text) ?? []
  return { remote: address, query, fragment: decodeURIComponent(fragment) }
}

type Invalid = (why: string) => Failure

const keys = new Set([
  'ref',
  'tag',
  'branch',
  'subdir',
  'checksum',
  'commit',
  'keep-git-dir',
  'submodules',
  'mtime',
  'fetch-by-commit',
])
const flags = new Set(['keep-git-dir', 'submodules', 'fetch-by-commit'])

function readQuery(query: string, invalid: Invalid): Record<string, string | undefined> {
  const settings: Record<string, string> = {}
  for (const [key, value] of new URLSearchParams(query)) {
    if (!keys.has(key)) throw invalid(`"${key}" is no setting of a git source`)
    if (settings[key] !== undefined) throw invalid(`"${key}" has several values`)
    if (value === '' && !flags.has(key)) throw invalid(`"${key}" has no value`)
    settings[key] = value
  }
  return settings
}

/** The one text among them that is not empty. */
function one(what: string, texts: readonly (string | undefined)[], invalid: Invalid): string {
  const given = [...new Set(texts.filter((text) => text !== undefined && text !== ''))]
  if (given.length > 1) throw invalid(`its ${what} is both ${given.map((text) => `"${text}"`).join(' and ')}`)
  return given[0] ?? ''
}

function prefixed(prefix: string, name: string | undefined): string | undefined {
  return name === undefined || name.startsWith(prefix) ? name : prefix + name
}

/** Go's strconv.ParseBool; without a value it is true. */
function flag(
  key: string,
  settings: Record<string, string | undefined>,
  invalid: Invalid,
): boolean | undefined {
  const value = settings[key]
  if (value === undefined) return undefined
  if (['', '1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return true
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) return false
  throw invalid(`"${key}" is "${value}", neither true nor false`)
}
