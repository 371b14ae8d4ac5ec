import type { HeaderList } from '../headers/header-list.ts'

/** What matching sees of a request. */
export interface RequestView {
  readonly method: string
  readonly scheme: 'http' | 'https'
  /** lower case, without its port */
  readonly host: string
  /** normalised, without its query */
  readonly path: string
  /** without `?`; nothing: there is none */
  readonly query: string | undefined
  readonly headers: HeaderList
}
