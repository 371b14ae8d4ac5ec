/** Rules of the listeners of a Gateway or ListenerSet. */
import type { Issue } from '../issue.ts'
import { broken, has, items, map, repeated, text, type Json, type Path } from './rule-check.ts'

export function checkListeners(spec: Json): Issue[] {
  const listeners = items(spec, 'listeners', ['spec'])
  return [
    ...listeners.flatMap(({ value, path }) => checkListener(value, path)),
    ...repeated(
      listeners,
      (listener) => text(listener, 'name'),
      (listener) => `has the name "${text(listener, 'name')}" of an earlier listener`,
    ),
    ...repeated(
      listeners,
      (listener) =>
        has(listener, 'port')
          ? JSON.stringify([listener['port'], listener['protocol'], listener['hostname']])
          : undefined,
      () => 'has the port, protocol and hostname of an earlier listener',
    ),
  ]
}

function checkListener(listener: Json, path: Path): Issue[] {
  const protocol = text(listener, 'protocol')
  const tls = map(listener, 'tls')
  const mode = text(tls, 'mode')
  const issues: Issue[] = []
  if (['HTTP', 'TCP', 'UDP'].includes(protocol) && has(listener, 'tls'))
    issues.push(broken([...path, 'tls'], `means nothing with protocol ${protocol}`, 'key'))
  if (protocol === 'HTTPS' && has(listener, 'tls') && mode !== '' && mode !== 'Terminate')
    issues.push(broken([...path, 'tls', 'mode'], 'must be Terminate with protocol HTTPS'))
  if (protocol === 'TLS' && mode === '') issues.push(broken(path, 'has protocol TLS and no tls.mode'))
  if (['TCP', 'UDP'].includes(protocol) && text(listener, 'hostname') !== '')
    issues.push(broken([...path, 'hostname'], `means nothing with protocol ${protocol}`, 'key'))
  if (
    mode === 'Terminate' &&
    items(tls, 'certificateRefs', []).length === 0 &&
    Object.keys(map(tls, 'options')).length === 0
  )
    issues.push(broken([...path, 'tls'], 'terminates TLS and has no certificateRefs', 'key'))
  return issues
}
