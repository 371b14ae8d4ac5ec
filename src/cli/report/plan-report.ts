/** What apply would do, as people read it, and as data. */
import { styleText } from 'node:util'
import { formatObject, idOf } from '../../kube/index.ts'
import type { FieldChange, Plan, Step } from '../../operator/index.ts'
import { printable } from './failure.ts'

const signs = { create: '+', update: '~', adopt: '~', recreate: '±', keep: ' ' } as const
const colours = { create: 'green', update: 'yellow', adopt: 'yellow', recreate: 'red', keep: 'dim' } as const

/** A line for each object that changes, with its fields below it; what stays as it is has none. */
export function planLines(plan: Plan, stream: NodeJS.WriteStream): string[] {
  const changed = plan.steps.filter(({ action }) => action !== 'keep')
  return [
    ...changed.flatMap((step) => stepLines(step, stream)),
    ...plan.removals.map(({ object, keptBecause }) =>
      keptBecause === undefined
        ? styleText('red', `- ${formatObject(object)}`, { stream })
        : `  ${formatObject(object)} is no longer rendered and stays: ${keptBecause}`,
    ),
  ]
}

function stepLines(step: Step, stream: NodeJS.WriteStream): string[] {
  const { action, object, changes, isForced, isOwnershipOnly } = step
  const notes = [
    action === 'adopt' && 'becomes part of the installation',
    action === 'recreate' && 'deleted and made anew',
    isForced && 'fields of other managers are taken',
    isOwnershipOnly && action === 'update' && 'only who its fields belong to changes',
  ].filter(Boolean)
  const head = `${signs[action]} ${formatObject(object)}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`
  // Of an object that is not there all fields are new.
  const lines = action === 'create' ? [] : changes.map((change) => `    ${changeLine(change)}`)
  return [styleText(colours[action], head, { stream }), ...lines]
}

function changeLine({ path, before, after }: FieldChange): string {
  if (before === undefined) return `+ ${path}: ${shown(after)}`
  return after === undefined
    ? `- ${path}: ${shown(before)}`
    : `~ ${path}: ${shown(before)} -> ${shown(after)}`
}

function shown(value: unknown): string {
  const text = printable(JSON.stringify(value))
  return text.length > 200 ? `${text.slice(0, 197)}...` : text
}

export function planData({ steps, removals, problems, parent }: Plan): object {
  return {
    installation: parent,
    objects: steps.map(({ action, object, changes, isForced, isOwnershipOnly }) => ({
      ...idOf(object),
      action,
      changes,
      ...(isForced && { takesOver: true }),
      ...(isOwnershipOnly && { ownershipOnly: true }),
    })),
    removals: removals.map(({ object, keptBecause }) => ({ ...idOf(object), keptBecause })),
    problems: problems.map(({ code, message, hint }) => ({ code, message, hint })),
  }
}
