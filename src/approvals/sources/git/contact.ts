/** The value of a trailer as people: `Name <mail>`, bare mails, handles, names, and lists of them. */
import type { Person } from '../../event.ts'

/** People of one value; empty for one that names nobody. */
export function parseContacts(value: string): Person[] {
  const text = value.replaceAll(
    /\s+at\s+(?=[\w.-]+\.[a-z]{2,}\b)|\s*<at>\s*|\s*\[at\]\s*|\s*\(at\)\s*/gi,
    '@',
  )
  if (/<[^<>]*@[^<>]*>/.test(text)) return text.split(/(?<=>)\s*(?:[,;]|\band\b|&)\s*/).flatMap(withMail)
  return text
    .replace(/\s*#.*$/, '')
    .replaceAll(/<[^<>]*>/g, '')
    .split(/[,;]/)
    .flatMap(withoutMail)
}

function withMail(text: string): Person[] {
  const match = /^([^<]*)<\s*([^<>\s]*@[^<>]*?)\s*>/.exec(text)
  if (!match) return withoutMail(text)
  const email = match[2]!
  const name = cleanName(match[1]!)
  return [name === '' || name === email ? { email } : { name, email }]
}

function withoutMail(text: string): Person[] {
  const word = cleanName(text)
  if (/^[^\s@]+@[^\s@]+$/.test(word)) return [{ email: word }]
  const handle = /^@?([\w](?:[\w.-]*[\w])?(?:\[bot\])?)$/.exec(word)
  if (handle) return [{ login: handle[1]! }]
  return /[\p{L}\p{N}]/u.test(word) ? [{ name: word }] : []
}

function cleanName(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/^"(.*)"$/, '$1')
    .trim()
}
