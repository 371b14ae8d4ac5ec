import type { Issue } from '../issue.ts'
import { checkListeners } from './listeners.ts'
import { broken, has, items, map, repeated, text, type Json, type Path } from './rule-check.ts'

const hostname = /^(?:\*\.)?[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/
const metadataKey =
  /^(?:[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*\/)?(?:[A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$/

/** Gateway (gateway.networking.k8s.io/v1). */
export function checkGateway(spec: Json): Issue[] {
  const addresses = items(spec, 'addresses', ['spec'])
  const frontend = map(map(spec, 'tls'), 'frontend')
  return [
    ...checkListeners(spec),
    ...repeated(
      addresses,
      (address) => (has(address, 'value') ? JSON.stringify([address['type'], address['value']]) : undefined),
      (address) => `"${text(address, 'value')}" is there twice`,
    ),
    ...addresses.flatMap(({ value, path }) =>
      text(value, 'type') === 'Hostname' && has(value, 'value') && !hostname.test(text(value, 'value'))
        ? [broken([...path, 'value'], `"${text(value, 'value')}" is not a host name`)]
        : [],
    ),
    ...['labels', 'annotations'].flatMap((field) =>
      checkKeys(map(map(spec, 'infrastructure'), field), ['spec', 'infrastructure', field]),
    ),
    ...repeated(
      items(frontend, 'perPort', ['spec', 'tls', 'frontend']),
      (each) => String(each['port'] as number),
      (each) => `has port ${String(each['port'] as number)} of an earlier one`,
    ),
  ]
}

function checkKeys(values: Json, path: Path): Issue[] {
  return Object.keys(values)
    .filter((key) => !metadataKey.test(key) || key.split('/')[0]!.length >= 253)
    .map((key) =>
      broken(
        [...path, key],
        'is not a key: it is an optional DNS name with "/", then up to 63 letters, digits, "-", "_" and "."',
        'key',
      ),
    )
}
