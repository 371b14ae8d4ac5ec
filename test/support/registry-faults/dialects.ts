/**
 * The registries people use, as their users' threads describe them; none of them runs here. What a thread says of a
 * service today may be wrong tomorrow, which is why the client knows none of them by name.
 */
import { plainDialect, type Dialect } from './dialect.ts'

const mebibyte = 1 << 20

/** A registry as it is in service: it looks at what manifests name, and repositories are apart. */
const strictDialect: Dialect = { ...plainDialect, visibility: 'repository', checksManifests: true }

export interface NamedDialect {
  /** what it is like in a sentence, for the documentation */
  readonly about: string
  readonly dialect: Dialect
  /** whether a token is needed */
  readonly isGuarded: boolean
}

export const dialects = {
  ecr: {
    about:
      'Amazon ECR: repositories must exist; answers 201 to chunks and loses all but the first; mounts nothing',
    dialect: {
      ...strictDialect,
      repositories: ['acme/api', 'acme/web'],
      mount: 'session',
      chunks: 'first-only',
      leastChunk: 5 * mebibyte,
      location: 'absolute',
    },
    isGuarded: false,
  },
  gar: {
    about: 'Google Artifact Registry: takes no chunks; mounts where the token covers both repositories',
    dialect: { ...strictDialect, chunks: 'refused' },
    isGuarded: true,
  },
  ghcr: {
    about: 'GitHub Container Registry: chunks of at most 4 MiB, and some of them break off',
    dialect: { ...strictDialect, chunks: 'unreliable', largestChunk: 4 * mebibyte },
    isGuarded: true,
  },
  acr: {
    about:
      'Azure Container Registry: 413 to bodies above 20 MB behind some front ends; state in the Location',
    dialect: { ...strictDialect, largestWhole: 20_000_000, largestChunk: 20_000_000, location: 'query' },
    isGuarded: true,
  },
  quay: {
    about: 'Quay: takes a blob in one POST; names the end of a session exclusively when it is asked for',
    dialect: { ...strictDialect, singlePost: 'taken', range: 'exclusive', location: 'absolute' },
    isGuarded: true,
  },
  hub: {
    about: 'Docker Hub: no token at all when one of its scopes is not allowed',
    dialect: { ...strictDialect, location: 'query', sealedScope: 'refused' },
    isGuarded: true,
  },
  harbor: {
    about: 'Harbor: a token without the scope that is not allowed, and then a refusal of the mount',
    dialect: { ...strictDialect, sealedScope: 'stripped' },
    isGuarded: true,
  },
  artifactory: {
    about:
      'Artifactory: 403 to a HEAD of what is not there; mounts nothing, but shares what a manifest names',
    dialect: { ...strictDialect, absentBlob: 403, mount: 'session', sharesReferred: true },
    isGuarded: false,
  },
  zot: {
    about: 'zot: takes a blob in one POST; a HEAD links what another repository has',
    dialect: { ...strictDialect, singlePost: 'taken', linksOnHead: true },
    isGuarded: false,
  },
  proxy: {
    about: 'any registry behind a proxy that takes 1 MiB at a time',
    dialect: { ...strictDialect, largestWhole: mebibyte, largestChunk: mebibyte },
    isGuarded: false,
  },
} as const satisfies Record<string, NamedDialect>

export type DialectName = keyof typeof dialects
