import type { Issue } from '../issue.ts'
import { broken, has, items, map, repeated, text, type Json } from './rule-check.ts'

/** BackendTLSPolicy (gateway.networking.k8s.io/v1). */
export function checkBackendTlsPolicy(spec: Json): Issue[] {
  const path = ['spec', 'validation']
  const validation = map(spec, 'validation')
  const hasRefs = items(validation, 'caCertificateRefs', path).length > 0
  const hasSystem = text(validation, 'wellKnownCACertificates') !== ''
  return [
    ...checkTargets(spec),
    ...(hasRefs && hasSystem
      ? [broken(path, 'has caCertificateRefs and wellKnownCACertificates, of which only one may be', 'key')]
      : []),
    ...(!hasRefs && !hasSystem
      ? [broken(path, 'needs caCertificateRefs or wellKnownCACertificates', 'key')]
      : []),
    ...items(validation, 'subjectAltNames', path).flatMap(({ value, path: at }) => {
      const [own, other] = text(value, 'type') === 'URI' ? ['uri', 'hostname'] : ['hostname', 'uri']
      return [
        ...(text(value, own) === ''
          ? [broken(at, `is of type ${text(value, 'type')} and has no ${own}`)]
          : []),
        ...(text(value, other) === ''
          ? []
          : [broken([...at, other], `means nothing with type ${text(value, 'type')}`, 'key')]),
      ]
    }),
  ]
}

function checkTargets(spec: Json): Issue[] {
  const targets = items(spec, 'targetRefs', ['spec'])
  const groups = Map.groupBy(targets, ({ value }) => targetOf(value))
  return [
    ...[...groups.values()].flatMap((group) => {
      const whole = group.find(({ value }) => !has(value, 'sectionName') || text(value, 'sectionName') === '')
      return group.length > 1 && whole
        ? [broken(whole.path, 'needs a sectionName, as another one has the same target')]
        : []
    }),
    ...repeated(
      targets.filter(({ value }) => text(value, 'sectionName') !== ''),
      (value) => JSON.stringify([targetOf(value), text(value, 'sectionName')]),
      () => 'has the target and sectionName of an earlier one',
    ),
  ]
}

function targetOf(ref: Json): string {
  return JSON.stringify([text(ref, 'group'), text(ref, 'kind'), text(ref, 'name')])
}
