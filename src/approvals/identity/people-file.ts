/**
 * What a team says of its people: who is the same, who is a program, who belonged where and when.
 *
 *   people:
 *     - name: Ada Byron
 *       is: [ada, ada@example.org, github:1815]
 *       teams: [{ team: engines, end: 2022-01-01 }, { team: numbers, start: 2022-01-01 }]
 *     - name: our-ci
 *       bot: true
 */
import * as z from 'zod/mini'
import { Failure } from '../../base/index.ts'
import { checkSchema, parseYaml, type YamlDocument } from '../../yaml/index.ts'

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

const text = () => z.string().check(z.minLength(1, 'is empty'))
const day = () => z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}$/, 'is not a day such as 2020-01-31'))

const schema = z.strictObject({
  people: z.array(
    z.strictObject({
      name: text(),
      is: z.optional(z.array(text())),
      bot: z.optional(z.boolean()),
      team: z.optional(text()),
      teams: z.optional(
        z.array(z.strictObject({ team: text(), start: z.optional(day()), end: z.optional(day()) })),
      ),
    }),
  ),
})

/** @throws Failure APPROVALS_INVALID with the places of what is wrong */
export function readPeople(content: string, file: string): KnownPerson[] {
  const document = parseYaml(content, file, { code: 'APPROVALS_INVALID' })
  const { people } = checkSchema(document, schema, { code: 'APPROVALS_INVALID' })
  checkOwners(document, people)
  return people.map(({ name, is = [], bot = false, team, teams = [] }) => ({
    name,
    is,
    isBot: bot,
    memberships: [...teams, ...(team === undefined ? [] : [{ team }])].map(
      (each: { team: string; start?: string | undefined; end?: string | undefined }) => ({
        team: each.team,
        start: each.start === undefined ? -Infinity : Date.parse(each.start),
        end: each.end === undefined ? Infinity : Date.parse(each.end),
      }),
    ),
  }))
}

/** A login of two people would make one of them, whichever comes first. */
function checkOwners(document: YamlDocument, people: z.infer<typeof schema>['people']): void {
  const owners = new Map<string, string>()
  for (const [index, { name, is = [] }] of people.entries()) {
    for (const [place, each] of [name, ...is].entries()) {
      const key = each.toLowerCase()
      const owner = owners.get(key)
      if (owner !== undefined && owner !== name)
        throw new Failure('APPROVALS_INVALID', `"${each}" is ${owner} and ${name}`, {
          at: document.placeOf(place === 0 ? ['people', index, 'name'] : ['people', index, 'is', place - 1]),
          hint: 'put all that belongs to one person into one entry',
        })
      owners.set(key, name)
    }
  }
}
