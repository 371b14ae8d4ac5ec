/**
 * Image references `[registry/]repository[:tag][@digest]` with Docker's defaults (distribution reference grammar).
 * `nginx` is `docker.io/library/nginx:latest`.
 */
import { Failure } from '../base/index.ts'
import { isDigest, type Digest } from './digest.ts'

export interface Reference {
  /** host with an optional port, such as `docker.io` or `127.0.0.1:5000` */
  readonly registry: string
  /** such as `library/nginx` */
  readonly repository: string
  /** absent when only a digest names the image */
  readonly tag?: string
  readonly digest?: Digest
}

const host =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/
const repositoryPath = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const tagText = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/

/** @throws Failure REFERENCE_INVALID, naming the part that is wrong */
export function parseReference(text: string): Reference {
  const at = text.indexOf('@')
  const digest = at < 0 ? undefined : text.slice(at + 1)
  if (digest !== undefined && !isDigest(digest)) throw invalid(text, `"${digest}" is not a digest`)
  const name = at < 0 ? text : text.slice(0, at)
  const colon = name.lastIndexOf(':')
  const hasTag = colon > name.lastIndexOf('/')
  const tag = hasTag ? name.slice(colon + 1) : undefined
  if (tag !== undefined && !tagText.test(tag))
    throw invalid(text, tag === '' ? 'the tag is empty' : `"${tag}" is not a tag`)
  const { registry, repository } = splitName(text, hasTag ? name.slice(0, colon) : name)
  const chosenTag = tag ?? (digest === undefined ? 'latest' : undefined)
  return {
    registry,
    repository,
    ...(chosenTag !== undefined && { tag: chosenTag }),
    ...(digest !== undefined && { digest }),
  }
}

/** The full name, with registry and tag, that means the same everywhere. */
export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`
  return `${reference.registry}/${reference.repository}${tag}${digest}`
}

function splitName(text: string, name: string): { registry: string; repository: string } {
  if (name === '') throw invalid(text, 'it has no repository name')
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const hasHost =
    first !== '' && (/[.:[]/.test(first) || first === 'localhost' || first !== first.toLowerCase())
  const registry = hasHost ? (first === 'index.docker.io' ? 'docker.io' : first) : 'docker.io'
  const rest = hasHost ? name.slice(slash + 1) : name
  if (!host.test(registry)) throw invalid(text, `"${registry}" is not a registry host`)
  const repository = registry === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest
  if (repository !== repository.toLowerCase()) {
    throw invalid(
      text,
      `the repository "${rest}" has upper-case letters`,
      `write it as ${rest.toLowerCase()}`,
    )
  }
  if (!repositoryPath.test(repository) || repository.length > 255)
    throw invalid(text, `"${rest}" is not a repository name`)
  return { registry, repository }
}

function invalid(
  text: string,
  why: string,
  hint = 'write it as [registry/]repository[:tag][@digest]',
): Failure {
  return new Failure('REFERENCE_INVALID', `"${text}" is not an image reference: ${why}`, { hint })
}
