/** `--chmod` values: octal up to 07777, or symbolic as chmod(1) reads them with a umask of 0. */
import { Failure, type Place } from '../../base/index.ts'
import type { Node } from '../tree.ts'

/** The mode a file or directory gets; symbolic links never change. */
export type ModeChange = (node: Pick<Node, 'mode' | 'type'>) => number

const clause = /^([ugoa]*)((?:[-+=](?:[rwxXst]*|[ugo]))+)$/

/** @throws Failure DOCKERFILE_INVALID */
export function parseMode(text: string, at: Place): ModeChange {
  if (/^[0-7]+$/.test(text)) {
    const mode = Number.parseInt(text, 8)
    if (mode > 0o7777) throw invalidMode(text, at)
    return () => mode
  }
  const changes = text.split(',').map((part) => {
    const match = clause.exec(part)
    if (!match) throw invalidMode(text, at)
    return parseClause(match[1] || 'a', match[2]!)
  })
  return (node) => changes.reduce((mode, change) => change(mode, node.type === 'directory'), node.mode)
}

type Change = (mode: number, isDirectory: boolean) => number

function parseClause(who: string, actions: string): Change {
  const steps = [...actions.matchAll(/([-+=])([ugo]|[rwxXst]*)/g)].map(([, operator, permissions]) => ({
    operator: operator!,
    permissions: permissions!,
  }))
  const mask = whoMask(who)
  return (mode, isDirectory) =>
    steps.reduce((current, { operator, permissions }) => {
      const bits = permissionBits(permissions, current, isDirectory) & mask
      if (operator === '+') return current | bits
      if (operator === '-') return current & ~bits
      // "=" on a directory leaves setuid and setgid alone unless they are named, as chmod(1) does.
      const kept = isDirectory ? 0o6000 : 0
      return (current & ~(mask & ~kept)) | bits
    }, mode)
}

function whoMask(who: string): number {
  const all = who.includes('a')
  const user = all || who.includes('u') ? 0o4700 : 0
  const group = all || who.includes('g') ? 0o2070 : 0
  const other = all || who.includes('o') ? 0o0007 : 0
  return user | group | other | (all || other ? 0o1000 : 0)
}

function permissionBits(permissions: string, mode: number, isDirectory: boolean): number {
  const copied = { u: mode >> 6, g: mode >> 3, o: mode }[permissions]
  if (copied !== undefined) return (copied & 7) * 0o111
  let bits = 0
  for (const permission of permissions) {
    if (permission === 'r') bits |= 0o444
    else if (permission === 'w') bits |= 0o222
    else if (permission === 'x') bits |= 0o111
    else if (permission === 'X') bits |= isDirectory || (mode & 0o111) !== 0 ? 0o111 : 0
    else if (permission === 's') bits |= 0o6000
    else if (permission === 't') bits |= 0o1000
  }
  return bits
}

function invalidMode(text: string, at: Place): Failure {
  return new Failure('DOCKERFILE_INVALID', `"${text}" is not a mode`, {
    at,
    hint: 'write it as octal from 0 to 07777, such as 0755, or symbolic, such as u+x,go-w',
  })
}
