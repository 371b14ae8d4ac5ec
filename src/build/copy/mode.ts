/** `--chmod` values: octal up to 07777, or symbolic as BSD's setmode(3) reads them with a umask of 0, as BuildKit does. */
import { Failure, type Place } from '../../base/index.ts'
import type { Node } from '../tree.ts'

/** The mode a file or directory gets; symbolic links never change. */
export type ModeChange = (node: Pick<Node, 'mode' | 'type'>) => number

const clause = /^([ugoa]*)((?:[-+=][rwxXstugo]*)+)$/
/** what "=" clears when nobody is named: all but the sticky bit */
const standard = 0o6777

/** @throws Failure DOCKERFILE_INVALID */
export function parseMode(text: string, at: Place): ModeChange {
  if (/^[0-7]+$/.test(text)) {
    const mode = Number.parseInt(text, 8)
    if (mode > 0o7777) throw invalidMode(text, at)
    return () => mode
  }
  const steps = text.split(',').flatMap((part) => {
    const match = clause.exec(part)
    if (!match) throw invalidMode(text, at)
    return parseClause(match[1]!, match[2]!)
  })
  return ({ mode, type }) => {
    const isExecutable = type === 'directory' || (mode & 0o111) !== 0
    return steps.reduce((current, step) => step(current, isExecutable), mode)
  }
}

/** One change of a mode; `isExecutable` is what "X" asks for, as it was before the first change. */
type Step = (mode: number, isExecutable: boolean) => number

function parseClause(who: string, actions: string): Step[] {
  return [...actions.matchAll(/([-+=])([rwxXstugo]*)/g)].flatMap(([, operator, permissions]) =>
    parseAction(who, operator!, permissions!),
  )
}

/** An action such as "=rwX" for those named. Letters go together; a copy such as "=g" is a change of its own. */
function parseAction(who: string, operator: string, permissions: string): Step[] {
  const steps: Step[] = []
  let affected = whoMask(who)
  const add = (bits: number): void => {
    const mask = affected ?? 0o7777
    const cleared = affected ?? standard
    if (operator === '-') steps.push((mode) => mode & ~(bits & mask))
    else steps.push((mode) => (operator === '=' ? mode & ~cleared : mode) | (bits & mask))
  }
  for (const part of permissions.match(/[rwxXst]+|[ugo]/g) ?? ['']) {
    const source = { u: 6, g: 3, o: 0 }[part]
    if (source !== undefined) {
      steps.push(copyStep(operator, affected ?? 0o777, source))
      continue
    }
    // "s" and "t" are nothing to others, as they hold no such bit.
    const isOthersOnly = affected === 0o007
    if (part.includes('t') && !isOthersOnly) affected = (affected ?? 0) | 0o1000
    const bits = letterBits(isOthersOnly ? part.replaceAll(/[st]/g, '') : part)
    const hasConditional = operator !== '-' && part.includes('X')
    const plain = operator === '-' && part.includes('X') ? bits | 0o111 : bits
    if (plain !== 0 || operator === '=') add(plain)
    const executable = 0o111 & (affected ?? 0o777)
    if (hasConditional) steps.push((mode, isExecutable) => (isExecutable ? mode | executable : mode))
  }
  return steps
}

/** Copies the three permissions of one class, which stand `shift` bits from the right, to the affected classes. */
function copyStep(operator: string, affected: number, shift: number): Step {
  const mask = affected & 0o777
  return (mode) => {
    const bits = (((mode >> shift) & 7) * 0o111) & mask
    if (operator === '-') return mode & ~bits
    return (operator === '=' ? mode & ~mask : mode) | bits
  }
}

/** The bits of those named; nothing when nobody is. */
function whoMask(who: string): number | undefined {
  if (who === '') return undefined
  if (who.includes('a')) return standard
  return (who.includes('u') ? 0o4700 : 0) | (who.includes('g') ? 0o2070 : 0) | (who.includes('o') ? 0o007 : 0)
}

function letterBits(letters: string): number {
  const bits: Readonly<Record<string, number>> = { r: 0o444, w: 0o222, x: 0o111, s: 0o6000, t: 0o1000 }
  return Array.from(letters).reduce((sum, letter) => sum | (bits[letter] ?? 0), 0)
}

function invalidMode(text: string, at: Place): Failure {
  return new Failure('DOCKERFILE_INVALID', `"${text}" is not a mode`, {
    at,
    hint: 'write it as octal from 0 to 07777, such as 0755, or symbolic, such as u+x,go-w',
  })
}
