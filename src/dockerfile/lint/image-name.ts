/** Whether a text can be the name of an image (https://github.com/distribution/reference), for FROM. */

const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const path = new RegExp(`^${component}(?:/${component})*$`, 'u')
const host =
  /^(?:\[[0-9a-fA-F:]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::[0-9]+)?$/u
const tag = /^\w[\w.-]{0,127}$/u
const digest = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/u

/** name, tag and digest together are never longer */
const longest = 255 + 128 + 200

export function isImageName(text: string): boolean {
  if (text.length > longest || /^[a-f0-9]{64}$/u.test(text)) return false
  const at = text.indexOf('@')
  if (at !== -1 && !digest.test(text.slice(at + 1))) return false
  const named = at === -1 ? text : text.slice(0, at)
  const slash = named.indexOf('/')
  const head = named.slice(0, Math.max(0, slash))
  const isHost = slash !== -1 && (/[.:]/u.test(head) || head === 'localhost' || head !== head.toLowerCase())
  if (isHost && !host.test(head)) return false
  const rest = isHost ? named.slice(slash + 1) : named
  const colon = rest.lastIndexOf(':')
  const hasTag = colon > rest.lastIndexOf('/')
  if (hasTag && !tag.test(rest.slice(colon + 1))) return false
  const repository = hasTag ? rest.slice(0, colon) : rest
  return repository.length + (isHost ? head.length + 1 : 0) <= 255 && path.test(repository)
}
