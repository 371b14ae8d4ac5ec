/** Which of the rendered objects an overlay, or a permission of the user, is about. */
import { groupOf, type KubeObject } from '../../kube/index.ts'
import type { Target } from '../installation/installation.ts'

export function matchesTarget(object: KubeObject, { kind, group, name, labels }: Target): boolean {
  const own = object.metadata.labels ?? {}
  return (
    object.kind === kind &&
    (group === undefined || groupOf(object) === group) &&
    (name === undefined || object.metadata.name === name) &&
    Object.entries(labels ?? {}).every(([key, value]) => own[key] === value)
  )
}

/** `Service web`, `Deployment.apps with the labels app=web` */
export function formatTarget({ kind, group, name, labels }: Target): string {
  const what = `${kind}${group ? `.${group}` : ''}${name === undefined ? '' : ` ${name}`}`
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`)
  return pairs.length === 0 ? what : `${what} with the labels ${pairs.join(',')}`
}
