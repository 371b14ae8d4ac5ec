/** Events of the operator, a line each. */
import { styleText } from 'node:util'
import { formatObject } from '../../kube/index.ts'
import type { OperatorEvent, StepAction } from '../../operator/index.ts'
import { printable } from './failure.ts'

const done: Readonly<Record<StepAction, string>> = {
  create: 'created',
  update: 'updated',
  adopt: 'adopted',
  recreate: 'made anew',
  keep: 'unchanged',
}

export function operatorLine(event: OperatorEvent, stream: NodeJS.WriteStream): string {
  const style = (format: 'green' | 'yellow' | 'dim', text: string) => styleText(format, text, { stream })
  switch (event.kind) {
    case 'warning':
      return `${style('yellow', 'warning:')} ${printable(event.message)}`
    case 'retrying':
      return style(
        'yellow',
        `waiting ${event.delayMs} ms to ${printable(event.doing)} again (${event.reason})`,
      )
    case 'applied':
      return `${formatObject(event.object)} ${done[event.action]}`
    case 'waiting':
      return style('dim', `${formatObject(event.object)}: ${printable(event.message)}`)
    case 'ready':
      return `${formatObject(event.object)} ${style('green', 'ready')}`
    case 'pruned':
      return `${formatObject(event.object)} deleted`
    case 'kept':
      return `${formatObject(event.object)} stays: ${printable(event.because)}`
    case 'released':
      return `${formatObject(event.object)} is ${printable(event.to)}'s now`
  }
}
