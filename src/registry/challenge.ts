/** WWW-Authenticate headers (RFC 9110, 11.6.1): several challenges, each a scheme with parameters, in one value. */
export interface Challenge {
  /** lower case, such as `basic` or `bearer` */
  readonly scheme: string
  /** by lower-case name, quotes and escapes taken off */
  readonly parameters: ReadonlyMap<string, string>
}

const tokenCharacters = /[!#$%&'*+\-.^_`|~0-9A-Za-z]/

/** All challenges of a header, in their order; what cannot be read is passed over. Reads every character once. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = []
  let index = 0
  const skip = (characters: string) => {
    while (index < header.length && characters.includes(header[index]!)) index++
  }
  const readToken = () => {
    const start = index
    while (index < header.length && tokenCharacters.test(header[index]!)) index++
    return header.slice(start, index)
  }
  while (index < header.length) {
    skip(' \t,')
    const name = readToken()
    if (name === '') {
      index++
      continue
    }
    skip(' \t')
    const current = challenges.at(-1)
    if (header[index] !== '=' || !current) {
      challenges.push({ scheme: name.toLowerCase(), parameters: new Map() })
      continue
    }
    index++
    skip(' \t')
    let value: string
    if (header[index] === '"') [value, index] = readQuoted(header, index)
    else value = readToken()
    current.parameters.set(name.toLowerCase(), value)
  }
  return challenges
}

/** The text inside the quotes at `start`, and the index behind them; an open quote ends with the header. */
function readQuoted(header: string, start: number): [text: string, end: number] {
  let text = ''
  let index = start + 1
  while (index < header.length && header[index] !== '"') {
    if (header[index] === '\\') index++
    text += header[index] ?? ''
    index++
  }
  return [text, index + 1]
}
