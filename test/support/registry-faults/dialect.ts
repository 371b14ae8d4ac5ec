/** How a registry differs from the one that distribution-spec describes. */

export interface Dialect {
  /** where a blob is seen: wherever the registry has it, or only where it was pushed or mounted */
  readonly visibility: 'registry' | 'repository'
  /** repositories there are; default: any, made by the first push */
  readonly repositories?: readonly string[]
  /** a manifest is refused when a blob it names is not seen in its repository */
  readonly checksManifests: boolean
  /** a tag that exists never moves */
  readonly immutableTags: boolean
  /** answer to a HEAD of a blob that is not seen */
  readonly absentBlob: 404 | 403
  /** a HEAD of a blob that another repository has links it */
  readonly linksOnHead: boolean
  /** blobs that a manifest anywhere names are seen everywhere */
  readonly sharesReferred: boolean
  /** answer to a mount of a blob that the source has */
  readonly mount: 'mounted' | 'session'
  /** what becomes of `POST ?digest=` */
  readonly singlePost: 'taken' | 'ignored' | 'refused'
  /** what becomes of chunks: `first-only` loses all after the first, `unreliable` breaks off in every third */
  readonly chunks: 'kept' | 'refused' | 'first-only' | 'unreliable'
  /** largest body of a POST or PUT, bytes */
  readonly largestWhole?: number
  /** largest body of a PATCH, bytes */
  readonly largestChunk?: number
  /** `OCI-Chunk-Min-Length`, which is enforced, bytes */
  readonly leastChunk?: number
  /** form of the Range of a session; `exclusive` names the byte after the last one when it is asked for */
  readonly range: 'plain' | 'exclusive'
  /** form of Location */
  readonly location: 'relative' | 'absolute' | 'query'
  /** what a token server does with the scope of a repository whose name starts with `sealed/` */
  readonly sealedScope: 'granted' | 'refused' | 'stripped'
}

/** What distribution-spec says, with all that it leaves open at its simplest. */
export const plainDialect: Dialect = {
  visibility: 'registry',
  checksManifests: false,
  immutableTags: false,
  absentBlob: 404,
  linksOnHead: false,
  sharesReferred: false,
  mount: 'mounted',
  singlePost: 'ignored',
  chunks: 'kept',
  range: 'plain',
  location: 'relative',
  sealedScope: 'granted',
}
