/** Which Ingresses are ours. */
import type { KubeObject, ObjectSet } from '../../objects/object.ts'
import type { Report } from '../report.ts'
import type { IngressClassSpec, IngressObject, IngressSpec } from './spec.ts'

/** `spec.controller` of an IngressClass that this gateway serves. */
export const ingressController = 'slipway.dev/ingress-controller'

const oldAnnotation = 'kubernetes.io/ingress.class'
const defaultAnnotation = 'ingressclass.kubernetes.io/is-default-class'

/**
 * Ingresses of a class that is ours, or that no file defines; those without a class when the default class is ours or
 * there is none. Oldest first.
 */
export function ownIngresses(objects: ObjectSet, report: Report): IngressObject[] {
  const classes = objects.list<IngressClassSpec>('IngressClass.networking.k8s.io')
  for (const found of classes) {
    if (!isOurs(found) || found.spec.parameters === undefined) continue
    report.ignored(found, ['parameters'], 'this gateway has none')
  }
  return objects.list<IngressSpec>('Ingress.networking.k8s.io').filter((ingress) => {
    const { path, name } = classOf(ingress)
    const other = name === undefined ? foreignDefault(classes) : foreignClass(classes, name)
    if (!other) return true
    report.warn(ingress, path, {
      rule: 'ingress-of-another-class',
      message: `its IngressClass ${other.metadata.name} is for the controller ${other.spec.controller}, so it is left alone`,
      hint: `write controller: ${ingressController} in the IngressClass`,
    })
    return false
  })
}

/** The old annotation goes before the field, as it did in Kubernetes. */
function classOf({ metadata, spec }: IngressObject): { path: readonly string[]; name?: string } {
  const old = metadata.annotations[oldAnnotation]
  if (old !== undefined) return { path: ['metadata', 'annotations', oldAnnotation], name: old }
  return spec.ingressClassName === undefined
    ? { path: [] }
    : { path: ['ingressClassName'], name: spec.ingressClassName }
}

type IngressClassObject = KubeObject<IngressClassSpec>

function foreignClass(classes: readonly IngressClassObject[], name: string): IngressClassObject | undefined {
  const found = classes.find(({ metadata }) => metadata.name === name)
  return found && !isOurs(found) ? found : undefined
}

function foreignDefault(classes: readonly IngressClassObject[]): IngressClassObject | undefined {
  const defaults = classes.filter(({ metadata }) => metadata.annotations[defaultAnnotation] === 'true')
  return defaults.some(isOurs) ? undefined : defaults[0]
}

const isOurs = ({ spec }: IngressClassObject) => spec.controller === ingressController
