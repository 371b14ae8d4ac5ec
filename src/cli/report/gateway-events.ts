/** What a running gateway tells, as lines. */
import { styleText } from 'node:util'
import type { GatewayEvent } from '../../gateway/index.ts'
import { printable } from './failure.ts'
import { diagnosticLines } from './gateway-diagnostics.ts'
import { formatSeconds, plural } from './units.ts'

type Applied = Extract<GatewayEvent, { kind: 'applied' }>

export function gatewayEventLines(event: GatewayEvent, stream: NodeJS.WriteStream): string[] {
  const error = styleText(['bold', 'red'], 'error:', { stream })
  switch (event.kind) {
    case 'applied':
      return [appliedLine(event, stream)]
    case 'diagnostic':
      return diagnosticLines(event.diagnostic, stream)
    case 'resolved':
      return [`${styleText('green', 'resolved:', { stream })} ${printable(event.diagnostic.message)}`]
    case 'listener':
      if (event.bound) return [`listening on ${event.listener}`]
      return [`${error} ${printable(event.problem ?? `${event.listener} is not bound`)}`]
    case 'admin':
      return [`admin on http://${event.address}/`]
    case 'draining':
      return [
        `ending: requests have ${formatSeconds(event.limitMs / 1000)} to end; a second signal cuts them`,
      ]
    case 'watching':
      return []
    default:
      return dataPlaneLines(event, stream)
  }
}

function appliedLine(event: Applied, stream: NodeJS.WriteStream): string {
  const { objects, listeners, routes, durationMs, isFirst, errors } = event
  const time = durationMs < 1000 ? `${Math.round(durationMs)} ms` : formatSeconds(durationMs / 1000)
  const what = `${plural(objects, 'object')}, ${plural(listeners, 'listener')}, ${plural(routes, 'route')}`
  const problems = errors > 0 ? `, ${plural(errors, 'error')}` : ''
  return `${isFirst ? 'serving' : 'reloaded'} ${what}${problems} ${styleText('dim', `in ${time}`, { stream })}`
}

type DataPlaneEvent = Exclude<
  GatewayEvent,
  { kind: 'applied' | 'diagnostic' | 'resolved' | 'listener' | 'admin' | 'draining' | 'watching' }
>

function dataPlaneLines(event: DataPlaneEvent, stream: NodeJS.WriteStream): string[] {
  const warn = (text: string) => [`${styleText('yellow', 'warning:', { stream })} ${printable(text)}`]
  switch (event.kind) {
    case 'warning':
      return warn(event.message)
    case 'problem':
      return warn(`${event.resource}: ${event.why}`)
    case 'endpoint-ejected':
    case 'endpoint-sick':
      return warn(`${event.cluster}: ${event.endpoint} gets no requests: ${event.why}`)
    case 'endpoint-returned':
    case 'endpoint-well':
      return [`${event.cluster}: ${event.endpoint} gets requests again`]
    case 'connection-refused':
      return []
    case 'bug': {
      const { error } = event
      const text = error instanceof Error ? error.stack : String(error)
      return [`${styleText(['bold', 'red'], 'bug:', { stream })} ${text}`]
    }
  }
}
