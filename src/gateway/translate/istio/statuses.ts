/** Status of Istio objects, in the shape of Istio's own: conditions, and messages as its analysis gives. */
import type { Diagnostic } from '../../objects/diagnostic.ts'
import type { KubeObject } from '../../objects/object.ts'
import type { Condition, ObjectStatus } from '../status.ts'
import type { Report } from '../report.ts'

export interface StatusInput {
  readonly object: KubeObject
  /** what it is for, such as `2 of 2 servers are served` */
  readonly message: string
  /** does it have an effect? */
  readonly isReconciled: boolean
  readonly reason?: string
  readonly listeners?: readonly string[]
}

/**
 * `Reconciled`: it has its effect on this gateway. `PassedValidation`: nothing is wrong with it. A listener that
 * is not bound makes Reconciled false.
 */
export function istioStatus(input: StatusInput, report: Report): ObjectStatus {
  const { object, listeners = [] } = input
  const { namespace, name, generation } = object.metadata
  const status = statusOf(input, report)
  return {
    kind: object.kind,
    group: object.apiVersion.split('/')[0] ?? '',
    namespace,
    name,
    generation,
    status,
    ...(listeners.length > 0 && {
      listeners,
      unbound: (problems) =>
        statusOf(
          {
            ...input,
            isReconciled: false,
            reason: 'ListenerNotBound',
            message: Object.values(problems)
              .map((problem) => problem.message)
              .join('; '),
          },
          report,
        ),
    }),
  }
}

function statusOf(
  { object, message, isReconciled, reason }: StatusInput,
  report: Report,
): Record<string, unknown> {
  const observedGeneration = object.metadata.generation
  const told = report.of(object)
  const errors = told.filter(({ severity }) => severity === 'error')
  const conditions: Condition[] = [
    {
      type: 'Reconciled',
      status: isReconciled ? 'True' : 'False',
      reason: reason ?? (isReconciled ? 'Reconciled' : 'NoEffect'),
      message,
      observedGeneration,
    },
    {
      type: 'PassedValidation',
      status: errors.length === 0 ? 'True' : 'False',
      reason: errors.length === 0 ? 'NoErrors' : 'ErrorsFound',
      message: errors.map((error) => error.message).join('; '),
      observedGeneration,
    },
  ]
  return { observedGeneration, conditions, validationMessages: told.map(validationMessage) }
}

function validationMessage({ severity, rule, message, at }: Diagnostic): object {
  const level = { error: 'ERROR', warning: 'WARNING', info: 'INFO' }[severity]
  return { level, type: { name: rule }, message, place: `${at.file}:${at.line}:${at.column}` }
}
