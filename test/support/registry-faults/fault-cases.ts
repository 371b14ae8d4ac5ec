/** The faults that the table of docs/registry-faults.md is made of: each with the situation it meets. */
import type { RegistryOptions } from '../../../src/registry/index.ts'
import type { Fault, FaultAction, Purpose } from './faults.ts'
import type { FaultRegistryOptions } from './server.ts'

export interface FaultCase {
  /** of the golden file */
  readonly name: string
  readonly group: FaultGroup
  /** what goes wrong, in a few words */
  readonly fault: string
  /** what is going on; default `push` */
  readonly situation?: Situation
  readonly server: FaultRegistryOptions
  readonly client?: RegistryOptions
  /** bytes of the layer's content, default a few */
  readonly layerBytes?: number
  /** platforms of the image, default one */
  readonly platforms?: 1 | 2
  /** whether the name moves; default: when all is well */
  readonly isNamed?: boolean
  /** what becomes of it: all is well, or the code of the error */
  readonly outcome:
    | 'pushed'
    | 'read'
    | 'REGISTRY_REFUSED'
    | 'REGISTRY_UNREACHABLE'
    | 'REGISTRY_UNAUTHORIZED'
    | 'CONTENT_MISMATCH'
}

export const faultGroups = {
  connections: 'Connections',
  overload: 'Overload',
  sizes: 'Sizes and chunks',
  sessions: 'Sessions and commits',
  permissions: 'Permissions',
  mounts: 'Mounts',
  manifests: 'Manifests and tags',
  places: 'Other addresses',
  reading: 'Reading',
} as const
export type FaultGroup = keyof typeof faultGroups

/**
 * `push`: an image under one name; `two repositories`: the same under two names; `sealed base`: its layer comes from a
 * base in a repository of the same registry; `tag there`: its tag names it already; `tag taken`: its tag names another
 * image; `read`: a layer is read
 */
export type Situation = 'push' | 'two repositories' | 'sealed base' | 'tag there' | 'tag taken' | 'read'

const mebibyte = 1 << 20
const always = 99

const answer = (
  status: number,
  code = '',
  message = '',
  headers: Record<string, string> = {},
): FaultAction => ({
  kind: 'answer',
  status,
  headers,
  body: code === '' ? '' : JSON.stringify({ errors: [{ code, message }] }),
})
const on = (purpose: Purpose, act: FaultAction, times = 1): { faults: Fault[] } => ({
  faults: [{ on: purpose, act, times }],
})
const bearer = { scheme: 'bearer' } as const
const impatient: RegistryOptions = {
  timeouts: { answerTimeoutMs: 100, commitTimeoutMs: 100, idleTimeoutMs: 100 },
}
const later = { 'retry-after': '7' }

export const faultCases: readonly FaultCase[] = [
  {
    name: 'drop-before',
    group: 'connections',
    fault: 'the connection breaks before the body of an upload',
    server: { faults: [{ on: 'PUT upload', times: 2, act: { kind: 'drop' } }] },
    outcome: 'pushed',
  },
  {
    name: 'drop-within',
    group: 'connections',
    fault: 'the connection breaks twice in the middle of a body',
    server: on('PUT upload', { kind: 'drop', afterBytes: 100_000 }, 2),
    layerBytes: 300_000,
    outcome: 'pushed',
  },
  {
    name: 'drop-after',
    group: 'connections',
    fault: 'the blob is stored, but the connection breaks before the answer',
    server: on('PUT upload', { kind: 'hang-up' }),
    layerBytes: 300_000,
    outcome: 'pushed',
  },
  {
    name: 'drop-always',
    group: 'connections',
    fault: 'the connection breaks in every upload',
    server: on('PUT upload', { kind: 'drop', afterBytes: 100_000 }, always),
    layerBytes: 300_000,
    outcome: 'REGISTRY_UNREACHABLE',
  },
  {
    name: 'keep-alive-race',
    group: 'connections',
    fault: 'the registry closes an idle connection at the moment it is used again',
    server: on('PUT manifest', { kind: 'drop' }),
    outcome: 'pushed',
  },
  {
    name: 'drop-chunk',
    group: 'connections',
    fault: 'the connection breaks in the middle of a chunk',
    server: {
      largestWhole: mebibyte,
      largestChunk: mebibyte,
      faults: [{ on: 'PATCH upload', after: 2, act: { kind: 'drop', afterBytes: 500_000 } }],
    },
    layerBytes: 3.5 * mebibyte,
    outcome: 'pushed',
  },
  {
    name: 'drop-tag',
    group: 'connections',
    fault: 'the tag has moved, but the connection breaks before the answer',
    server: on('PUT manifest', { kind: 'hang-up' }),
    outcome: 'pushed',
  },
  {
    name: 'no-answer-once',
    group: 'connections',
    fault: 'no answer to one commit',
    server: on('PUT upload', { kind: 'stall' }),
    client: impatient,
    outcome: 'pushed',
  },
  {
    name: 'no-answer-ever',
    group: 'connections',
    fault: 'no answer to anything',
    server: on('HEAD manifest', { kind: 'stall' }, always),
    client: impatient,
    outcome: 'REGISTRY_UNREACHABLE',
  },
  {
    name: 'slow-down-seconds',
    group: 'overload',
    fault: '429 with Retry-After in seconds',
    server: on('POST upload', answer(429, 'TOOMANYREQUESTS', 'slow down', later)),
    client: { uploads: 8 },
    outcome: 'pushed',
  },
  {
    name: 'slow-down-date',
    group: 'overload',
    fault: '429 with Retry-After as a date',
    server: on(
      'HEAD blob',
      answer(429, 'TOOMANYREQUESTS', 'slow down', { 'retry-after': 'Fri, 02 Jan 2026 03:04:15 GMT' }),
    ),
    outcome: 'pushed',
  },
  {
    name: 'slow-down-often',
    group: 'overload',
    fault: '429 without Retry-After, twice',
    server: on('PUT upload', answer(429, 'TOOMANYREQUESTS', 'slow down'), 2),
    outcome: 'pushed',
  },
  {
    name: 'slow-down-always',
    group: 'overload',
    fault: '429 to every look at a tag',
    server: on('HEAD manifest', answer(429, '', '', later), always),
    outcome: 'REGISTRY_REFUSED',
  },
  {
    name: 'slow-down-for-long',
    group: 'overload',
    fault: '429 that asks for a quarter of an hour',
    server: on(
      'POST upload',
      answer(429, 'TOOMANYREQUESTS', 'pull rate limit', { 'retry-after': '900' }),
      always,
    ),
    outcome: 'REGISTRY_REFUSED',
  },
  {
    name: 'slow-down-budget',
    group: 'overload',
    fault: '429 that asks for 90 seconds every time',
    server: on('POST upload', answer(429, 'TOOMANYREQUESTS', 'slow down', { 'retry-after': '90' }), always),
    outcome: 'REGISTRY_REFUSED',
  },
  {
    name: 'slow-down-mount',
    group: 'overload',
    fault: '429 to a mount',
    situation: 'two repositories',
    server: on('mount', answer(429, 'TOOMANYREQUESTS', 'slow down', later)),
    outcome: 'pushed',
  },
  {
    name: 'timeout-408',
    group: 'overload',
    fault: '408 to an upload',
    server: on('PUT upload', answer(408)),
    outcome: 'pushed',
  },
  {
    name: 'unavailable-twice',
    group: 'overload',
    fault: '503 to two requests for a session',
    server: on('POST upload', answer(503, 'UNAVAILABLE', 'restarting'), 2),
    outcome: 'pushed',
  },
  {
    name: 'failed-always',
    group: 'overload',
    fault: '500 to every upload',
    server: on('PUT upload', answer(500, 'UNKNOWN', 'unknown error'), always),
    outcome: 'REGISTRY_REFUSED',
  },
  {
    name: 'too-large',
    group: 'sizes',
    fault: '413 to a whole blob, chunks are taken',
    server: { largestWhole: 20_000_000 },
    layerBytes: 36 * mebibyte,
    outcome: 'pushed',
  },
  {
    name: 'too-large-chunk',
    group: 'sizes',
    fault: '413 to a whole blob and to chunks above 1 MiB',
    server: { largestWhole: mebibyte, largestChunk: mebibyte },
    layerBytes: 3.5 * mebibyte,
    outcome: 'pushed',
  },
  {
    name: 'too-large-for-all',
    group: 'sizes',
    fault: '413 to a whole blob and to every chunk',
    server: { largestWhole: mebibyte, largestChunk: mebibyte / 2 },
    layerBytes: 3.5 * mebibyte,
    outcome: 'REGISTRY_REFUSED',
  },
  {
    name: 'too-large-no-chunks',
    group: 'sizes',
    fault: '413 to a whole blob, chunks are refused',
    server: { largestWhole: mebibyte, chunks: 'refused' },
    layerBytes: 3.5 * mebibyte,
    outcome: 'REGISTRY_REFUSED',
  },
  {
    name: 'least-chunk',
    group: 'sizes',
    fault: '413 to a whole blob, and chunks must have 2.5 MiB',
    server: { largestWhole: 2.75 * mebibyte, leastChunk: 2.5 * mebibyte },
    layerBytes: 3 * mebibyte,
    outcome: 'pushed',
  },
  {
    name: 'chunks-out-of-order',
    group: 'sizes',
    fault: '416 to a chunk, of which the registry had lost the one before',
    server: {
      largestWhole: mebibyte,
      largestChunk: mebibyte,
      faults: [{ on: 'PATCH upload', after: 2, act: answer(416) }],
    },
    layerBytes: 3.5 * mebibyte,
    outcome: 'pushed',
  },
  {
    name: 'chunks-break',
    group: 'sizes',
    fault: 'every third chunk breaks off, half of it stored',
    server: { largestWhole: mebibyte, largestChunk: mebibyte, chunks: 'unreliable' },
    layerBytes: 5.5 * mebibyte,
    outcome: 'pushed',
  },
  {
    name: 'session-expires',
    group: 'sessions',
    fault: 'the session is gone when the blob arrives',
    server: on('PUT upload', { kind: 'forget-sessions' }),
    layerBytes: 300_000,
    outcome: 'pushed',
  },
  {
    name: 'session-expires-always',
    group: 'sessions',
    fault: 'every session is gone when the blob arrives',
    server: on('PUT upload', { kind: 'forget-sessions' }, always),
    outcome: 'REGISTRY_REFUSED',
  },
  {
    name: 'chunked-session-expires',
    group: 'sessions',
    fault: 'the session of a chunked upload is gone half-way',
    server: {
      largestWhole: mebibyte,
      largestChunk: mebibyte,
      faults: [{ on: 'PATCH upload', after: 2, act: { kind: 'forget-sessions' } }],
    },
    layerBytes: 3.5 * mebibyte,
    outcome: 'pushed',
  },
  {
    name: 'token-expires-in-upload',
    group: 'sessions',
    fault: '401 in the middle of an upload: the token has expired',
    server: { auth: bearer, ...on('PUT upload', { kind: 'expire-tokens' }) },
    layerBytes: 300_000,
    outcome: 'pushed',
  },
  {
    name: 'token-expires-in-chunk',
    group: 'sessions',
    fault: '401 to a chunk: the token has expired',
    server: { auth: bearer, largestWhole: mebibyte, ...on('PATCH upload', { kind: 'expire-tokens' }) },
    layerBytes: 3.5 * mebibyte,
    outcome: 'pushed',
  },
  {
    name: 'commit-fails-late',
    group: 'sessions',
    fault: '500 after the whole blob has come, and it is not stored',
    server: on('PUT upload', answer(500, 'UNKNOWN', 'storage')),
    layerBytes: 300_000,
    outcome: 'pushed',
  },
  {
    name: 'commit-times-out',
    group: 'sessions',
    fault: '504 of a proxy while the registry stores the blob all the same',
    server: on('PUT upload', { kind: 'deny', status: 504 }),
    layerBytes: 300_000,
    outcome: 'pushed',
  },
  {
    name: 'other-digest-stored',
    group: 'sessions',
    fault: 'the registry says that it stored another digest',
    server: on('PUT upload', {
      kind: 'headers',
      headers: { 'docker-content-digest': `sha256:${'0'.repeat(64)}` },
    }),
    outcome: 'CONTENT_MISMATCH',
  },
  {
    name: 'digest-refused',
    group: 'sessions',
    fault: 'other bytes arrived than were announced',
    server: on('PUT upload', answer(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')),
    outcome: 'CONTENT_MISMATCH',
  },
  {
    name: 'no-location',
    group: 'sessions',
    fault: 'a session without a Location',
    server: on('POST upload', { kind: 'headers', headers: { location: '' } }, always),
    outcome: 'REGISTRY_REFUSED',
  },
  {
    name: 'head-forbidden',
    group: 'permissions',
    fault: '403 to a HEAD of a blob that is not there',
    server: { absentBlob: 403 },
    outcome: 'pushed',
  },
  {
    name: 'push-denied',
    group: 'permissions',
    fault: '403 to an upload',
    server: on('POST upload', answer(403, 'DENIED', 'requested access to the resource is denied'), always),
    outcome: 'REGISTRY_UNAUTHORIZED',
  },
  {
    name: 'wrong-password',
    group: 'permissions',
    fault: 'wrong credentials',
    server: { auth: { scheme: 'basic', username: 'ann', password: 'right' } },
    client: { credentials: async () => ({ username: 'ann', password: 'wrong' }) },
    outcome: 'REGISTRY_UNAUTHORIZED',
  },
  {
    name: 'read-only',
    group: 'permissions',
    fault: '405: a mirror or a registry that is read-only',
    server: on('POST upload', answer(405, 'UNSUPPORTED', 'The operation is unsupported.'), always),
    outcome: 'REGISTRY_REFUSED',
  },
  {
    name: 'no-such-repository',
    group: 'permissions',
    fault: 'the repository must be created first',
    server: { repositories: [] },
    outcome: 'REGISTRY_REFUSED',
  },
  {
    name: 'over-quota',
    group: 'permissions',
    fault: '403 DENIED: the quota is used up',
    server: on(
      'PUT upload',
      answer(
        403,
        'DENIED',
        'adding 1.2 MiB of storage resource will exceed the configured upper limit of 10 GiB',
      ),
      always,
    ),
    outcome: 'REGISTRY_REFUSED',
  },
  {
    name: 'disk-full',
    group: 'permissions',
    fault: '507: the disk of the registry is full',
    server: on('PUT upload', answer(507), always),
    outcome: 'REGISTRY_REFUSED',
  },
  {
    name: 'mount-session',
    group: 'mounts',
    fault: 'a mount opens a session instead',
    situation: 'two repositories',
    server: { mount: 'session' },
    outcome: 'pushed',
  },
  {
    name: 'mount-forbidden',
    group: 'mounts',
    fault: '403 to a mount',
    situation: 'two repositories',
    server: on('mount', answer(403, 'DENIED', 'no'), always),
    outcome: 'pushed',
  },
  {
    name: 'mount-unknown',
    group: 'mounts',
    fault: '405 to a mount',
    situation: 'two repositories',
    server: on('mount', answer(405, 'UNSUPPORTED', 'no'), always),
    outcome: 'pushed',
  },
  {
    name: 'mount-fails',
    group: 'mounts',
    fault: '500 to a mount',
    situation: 'two repositories',
    server: on('mount', answer(500), always),
    outcome: 'pushed',
  },
  {
    name: 'mount-scope-refused',
    group: 'mounts',
    fault: 'no token for both the target and the source of a mount',
    situation: 'sealed base',
    server: { auth: bearer, visibility: 'repository', sealedScope: 'refused' },
    outcome: 'pushed',
  },
  {
    name: 'mount-scope-stripped',
    group: 'mounts',
    fault: 'a token without the source of a mount',
    situation: 'sealed base',
    server: { auth: bearer, visibility: 'repository', sealedScope: 'stripped' },
    outcome: 'pushed',
  },
  {
    name: 'blobs-vanish',
    group: 'manifests',
    fault: 'MANIFEST_BLOB_UNKNOWN: blobs were collected before the tag',
    server: { checksManifests: true, ...on('PUT manifest', { kind: 'collect-blobs' }) },
    outcome: 'pushed',
  },
  {
    name: 'blobs-vanish-index',
    group: 'manifests',
    fault: 'MANIFEST_BLOB_UNKNOWN to a manifest of an index',
    platforms: 2,
    server: { checksManifests: true, ...on('PUT manifest', { kind: 'collect-blobs' }) },
    outcome: 'pushed',
  },
  {
    name: 'blobs-vanish-always',
    group: 'manifests',
    fault: 'MANIFEST_BLOB_UNKNOWN however often they are sent',
    server: { checksManifests: true, ...on('PUT manifest', { kind: 'collect-blobs' }, always) },
    outcome: 'REGISTRY_REFUSED',
  },
  {
    name: 'immutable-equal',
    group: 'manifests',
    fault: 'TAG_INVALID: somebody else pushed this image under this immutable tag a moment ago',
    situation: 'tag there',
    server: { immutableTags: true, ...on('HEAD manifest', answer(404)) },
    outcome: 'pushed',
  },
  {
    name: 'immutable-taken',
    group: 'manifests',
    fault: 'TAG_INVALID: the immutable tag names another image',
    situation: 'tag taken',
    server: { immutableTags: true },
    isNamed: true,
    outcome: 'REGISTRY_REFUSED',
  },
  {
    name: 'tag-conflict-equal',
    group: 'manifests',
    fault: '409 to a tag that names this image already',
    situation: 'tag there',
    server: {
      faults: [
        { on: 'HEAD manifest', act: answer(404) },
        { on: 'PUT manifest', act: answer(409, 'CONFLICT', 'tag is locked'), times: always },
      ],
    },
    outcome: 'pushed',
  },
  {
    name: 'tag-denied',
    group: 'manifests',
    fault: '403 to the tag, everything else is in place',
    server: on('PUT manifest', answer(403, 'DENIED', 'protected tag'), always),
    outcome: 'REGISTRY_UNAUTHORIZED',
  },
  {
    name: 'other-manifest-stored',
    group: 'manifests',
    fault: 'the registry says that it has another digest',
    server: on('PUT manifest', {
      kind: 'headers',
      headers: { 'docker-content-digest': `sha256:${'0'.repeat(64)}` },
    }),
    isNamed: true,
    outcome: 'CONTENT_MISMATCH',
  },
  {
    name: 'inward-location',
    group: 'places',
    fault: 'a registry on the internet sends an upload to this machine',
    server: on('POST upload', answer(202, '', '', { location: 'http://127.0.0.2:9/v2/upload' }), always),
    client: { reachOf: (address) => (address === '127.0.0.1' ? 'public' : 'loopback') },
    outcome: 'REGISTRY_REFUSED',
  },
  {
    name: 'inward-redirect',
    group: 'places',
    situation: 'read',
    fault: 'a registry on the internet redirects a read to a private network',
    server: on('GET blob', answer(307, '', '', { location: 'http://10.0.0.1/secret' }), always),
    client: { reachOf: (address) => (address.startsWith('127.') ? 'public' : 'private') },
    outcome: 'REGISTRY_REFUSED',
  },
  {
    name: 'redirect-loop',
    group: 'places',
    fault: 'redirects without end',
    server: on('POST upload', answer(307, '', '', { location: '/v2/acme/api/blobs/uploads/' }), always),
    outcome: 'REGISTRY_UNREACHABLE',
  },
  {
    name: 'read-breaks',
    group: 'reading',
    situation: 'read',
    fault: 'the connection breaks twice in the middle of a layer',
    server: on('GET blob', { kind: 'truncate', bytes: 100_000 }, 2),
    layerBytes: 300_000,
    outcome: 'read',
  },
  {
    name: 'read-breaks-always',
    group: 'reading',
    situation: 'read',
    fault: 'every connection breaks after a few bytes',
    server: on('GET blob', { kind: 'truncate', bytes: 10_000 }, always),
    layerBytes: 300_000,
    outcome: 'REGISTRY_UNREACHABLE',
  },
  {
    name: 'read-other-bytes',
    group: 'reading',
    situation: 'read',
    fault: 'other bytes than were pushed',
    server: on('GET blob', { kind: 'corrupt' }),
    layerBytes: 300_000,
    outcome: 'CONTENT_MISMATCH',
  },
  {
    name: 'read-missing',
    group: 'reading',
    situation: 'read',
    fault: 'the layer is not there',
    server: on('GET blob', answer(404, 'BLOB_UNKNOWN', 'blob unknown to registry'), always),
    outcome: 'REGISTRY_REFUSED',
  },
]
