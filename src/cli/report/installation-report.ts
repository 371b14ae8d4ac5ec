/** Installations as a list, and one of them as a tree with the reasons of what is not ready. */
import { styleText } from 'node:util'
import type { Installed, InstallationStatus, ObjectStatus } from '../../operator/index.ts'
import { printable } from './failure.ts'

const words = {
  Current: ['green', 'ready'],
  InProgress: ['yellow', 'not ready'],
  Failed: ['red', 'failed'],
  Terminating: ['yellow', 'being deleted'],
  Missing: ['red', 'missing'],
} as const

export function statusLines(status: InstallationStatus, stream: NodeJS.WriteStream): string[] {
  const { name, namespace, package: from, version, revision, objects, isReady } = status
  const state = isReady
    ? styleText('green', 'ready', { stream })
    : styleText('yellow', revision === 0 ? 'never applied in full' : 'not ready', { stream })
  return [
    `${name} in ${namespace}: ${from} ${version}, revision ${revision}, ${state}`,
    ...objects.flatMap((object, index) => objectLines(object, index === objects.length - 1, status, stream)),
  ]
}

function objectLines(
  { object, status, message, reasons }: ObjectStatus,
  isLast: boolean,
  { namespace }: InstallationStatus,
  stream: NodeJS.WriteStream,
): string[] {
  const [colour, word] = words[status]
  const elsewhere = object.namespace !== undefined && object.namespace !== namespace
  const what = `${object.kind} ${elsewhere ? `${object.namespace}/` : ''}${object.name}`
  const why = message === '' ? '' : `: ${printable(message)}`
  return [
    `${isLast ? '└─' : '├─'} ${what} ${styleText(colour, word, { stream })}${why}`,
    ...reasons.map((reason, index) => {
      const branch = index === reasons.length - 1 ? '└─' : '├─'
      return `${isLast ? '   ' : '│  '}${branch} ${printable(reason)}`
    }),
  ]
}

export function installedLines(installed: readonly Installed[]): string[] {
  if (installed.length === 0) return ['nothing is installed']
  return installed.map(
    ({ name, namespace, package: from, version, revision }) =>
      `${name} in ${namespace}: ${from} ${version}, revision ${revision}`,
  )
}
