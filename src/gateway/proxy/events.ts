/** What a data plane tells while it serves; reporters show it. */
export type DataPlaneEvent =
  /** part of a snapshot that cannot be served as it is, such as a regular expression that RE2 does not know */
  | { readonly kind: 'problem'; readonly resource: string; readonly why: string }
  | {
      readonly kind: 'endpoint-ejected'
      readonly cluster: string
      readonly endpoint: string
      readonly why: string
    }
  | { readonly kind: 'endpoint-returned'; readonly cluster: string; readonly endpoint: string }
  | {
      readonly kind: 'endpoint-sick'
      readonly cluster: string
      readonly endpoint: string
      readonly why: string
    }
  | { readonly kind: 'endpoint-well'; readonly cluster: string; readonly endpoint: string }
  /** a connection that was given up before it had a request, such as a handshake that failed */
  | {
      readonly kind: 'connection-refused'
      readonly listener: string
      readonly client: string
      readonly why: string
    }
  /** a bug: the request it happened in was answered with 500 or cut */
  | { readonly kind: 'bug'; readonly error: unknown }
