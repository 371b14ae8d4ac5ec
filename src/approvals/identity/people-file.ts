/** What a team says of its people: who is the same, who is a program, who belonged where and when. */

export interface Membership {
  readonly team: string
  /** milliseconds since 1970, inclusive; default: always */
  readonly start: number
  /** milliseconds since 1970, exclusive; default: still */
  readonly end: number
}

export interface KnownPerson {
  /** what they are called in pictures */
  readonly name: string
  /** ids, logins, mails and names that are theirs, besides the name */
  readonly is: readonly string[]
  readonly isBot: boolean
  /** in the order of the file: the first that holds at a date counts */
  readonly memberships: readonly Membership[]
}
