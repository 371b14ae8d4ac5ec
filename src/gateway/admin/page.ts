/** The page at `/`: listeners, routes, backends and their health. It needs no script; with one it stays up to date. */
import { createHash } from 'node:crypto'
import { formatPlace } from '../../base/index.ts'
import type { Diagnostic } from '../objects/diagnostic.ts'
import type { ClusterState, EndpointState } from '../proxy/data-plane.ts'
import type { GatewayState } from '../run/gateway.ts'
import { conditionsOf, type ShownCondition } from './condition-list.ts'
import { pageStyle } from './page-style.ts'
import { readinessOf } from './readiness.ts'
import { describeAction, describeMatch } from './route-text.ts'

export interface Page {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** More rows than anybody reads; the rest is at `/status` and `/config_dump`. */
const rowLimit = 500

const refresh = `setInterval(async () => {
  if (document.hidden) return
  try {
    const answer = await fetch('/', { cache: 'no-store' })
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main')
    const main = document.querySelector('main')
    if (next && next.innerHTML !== main.innerHTML && !main.contains(document.activeElement)) main.replaceWith(next)
  } catch { document.title = 'gone · slipway gateway' }
}, 2000)`

const policy = [
  "default-src 'none'",
  `style-src 'sha256-${sha256(pageStyle)}'`,
  `script-src 'sha256-${sha256(refresh)}'`,
  "connect-src 'self'",
  'img-src data:',
  "frame-ancestors 'none'",
].join('; ')

export function statusPage(state: GatewayState, clusters: readonly ClusterState[]): Page {
  const { isReady, reasons } = readinessOf(state)
  const title = isReady ? 'ready' : 'not ready'
  const sections: readonly [string, string][] = [
    ['Problems', problemsTable(state.diagnostics)],
    ['Listeners', listenersTable(state)],
    ['Objects', objectsTable(conditionsOf(state.statuses))],
    ['Routes', routesTable(state)],
    ['Backends', backendsTable(clusters)],
  ]
  const body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer"><title>${title} · slipway gateway</title><link rel="icon" href="data:,"><style>${pageStyle}</style></head>
<body><main><header><h1>Gateway <span class="${isReady ? 'good' : 'bad'}">${title}</span></h1>
${reasons.map((reason) => `<p class="bad">${escape(reason)}</p>`).join('')}${totals(state, clusters)}</header>
${sections
  .filter(([, content]) => content !== '')
  .map(([name, content]) => `<section><h2>${name}</h2>\n${content}</section>`)
  .join('\n')}
<p class="soft">Also here: ${['ready', 'status', 'objects', 'config_dump', 'clusters', 'metrics'].map((path) => `<a href="/${path}">/${path}</a>`).join(' ')}</p>
</main><script>${refresh}</script></body></html>
`
  return {
    status: 200,
    type: 'text/html; charset=utf-8',
    body,
    headers: { 'content-security-policy': policy },
  }
}

function totals(
  { snapshot, objects, appliedAt, reloads, diagnostics }: GatewayState,
  clusters: readonly ClusterState[],
): string {
  const requests = clusters
    .flatMap(({ endpoints }) => endpoints)
    .reduce((sum, each) => sum + each.requests, 0)
  const facts: [string, string][] = [
    ['configuration', `<code>${snapshot.version.slice(0, 8)}</code>`],
    ['since', `<time>${new Date(appliedAt).toISOString().slice(11, 19)}</time> UTC`],
    ['reloads', String(reloads)],
    ['objects', String(objects.length)],
    ['errors', String(diagnostics.filter(({ severity }) => severity === 'error').length)],
    ['requests to backends', String(requests)],
  ]
  return `<dl>${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`
}

function problemsTable(diagnostics: readonly Diagnostic[]): string {
  const shown = { error: 'bad', warning: 'warn', info: 'soft' }
  return table('Problems', ['', 'Where', 'What'], diagnostics, ({ severity, at, message, hint }) => [
    `<span class="${shown[severity]}">${severity}</span>`,
    `<code>${escape(formatPlace(at))}</code>`,
    escape(message) + (hint === undefined ? '' : `<br><span class="soft">${escape(hint)}</span>`),
  ])
}

function listenersTable({ reports, snapshot }: GatewayState): string {
  const listeners = new Map(snapshot.listeners.map((listener) => [listener.name, listener]))
  return table('Listeners', ['Listener', 'State', 'Serves'], reports, ({ listener, bound, problem }) => [
    `<code>${escape(listener)}</code>`,
    bound ? '<span class="good">bound</span>' : `<span class="bad">${escape(problem ?? 'not bound')}</span>`,
    (listeners.get(listener)?.filterChains ?? [])
      .map(({ name, tls, match }) => {
        const names = match.serverNames.length > 0 ? ` for ${match.serverNames.join(', ')}` : ''
        return escape(`${name}${tls ? ', TLS' : match.tls ? ', TLS passed through' : ''}${names}`)
      })
      .join('<br>'),
  ])
}

/** What is wrong comes first. */
function objectsTable(conditions: readonly ShownCondition[]): string {
  const bad = conditions.filter(({ isGood }) => !isGood)
  const good = conditions.filter(({ isGood }) => isGood)
  return table(
    'Objects',
    ['Object', 'Condition', 'Why'],
    [...bad, ...good],
    ({ object, part, type, isGood, status, reason, message }) => [
      escape(object) + (part === '' ? '' : `<br><span class="soft">${escape(part)}</span>`),
      `<span class="${isGood ? 'good' : 'bad'}">${escape(`${type} ${status}`)}</span>`,
      escape(isGood ? reason : `${reason}: ${message}`),
    ],
  )
}

function routesTable({ snapshot }: GatewayState): string {
  const routes = snapshot.routeConfigurations
    .flatMap(({ virtualHosts }) => virtualHosts)
    .flatMap(({ domains, routes: own }) => own.map((route) => ({ domains, route })))
  return table('Routes', ['Hosts', 'Match', 'Action', 'From'], routes, ({ domains, route }) => [
    escape(domains.join(', ')),
    `<code>${escape(describeMatch(route.match))}</code>`,
    escape(describeAction(route)),
    `<span class="soft">${escape(route.name)}</span>`,
  ])
}

function backendsTable(clusters: readonly ClusterState[]): string {
  interface Row {
    readonly cluster: string
    readonly endpoint?: EndpointState
  }
  const rows = clusters.flatMap(({ cluster, endpoints }): Row[] =>
    endpoints.length === 0 ? [{ cluster }] : endpoints.map((endpoint) => ({ cluster, endpoint })),
  )
  const titles = ['Cluster', 'Endpoint', 'Health', ...['Active', 'Requests', 'Failures'].map(number)]
  return table('Backends', titles, rows, ({ cluster, endpoint }) => {
    if (!endpoint) return [escape(cluster), '<span class="bad">no endpoint</span>', '', '', '', '']
    const { address, label, healthy, why, activeRequests, requests, failures } = endpoint
    return [
      escape(cluster),
      `<code>${escape(address)}</code>${label === undefined ? '' : ` ${escape(label)}`}`,
      healthy
        ? '<span class="good">healthy</span>'
        : `<span class="bad">${escape(why ?? 'not healthy')}</span>`,
      ...[activeRequests, requests, failures].map(number),
    ]
  })
}

function number(content: string | number): string {
  return `<span class="number">${content}</span>`
}

/** Titles and cells are HTML already. */
function table<T>(
  caption: string,
  titles: readonly string[],
  items: readonly T[],
  toCells: (item: T) => readonly string[],
): string {
  if (items.length === 0) return ''
  const head = titles.map((title) => `<th scope="col">${title}</th>`).join('')
  const body = items.slice(0, rowLimit).map((item) => {
    const cells = toCells(item).map((cell, index) =>
      index === 0 ? `<th scope="row">${cell}</th>` : `<td>${cell}</td>`,
    )
    return `<tr>${cells.join('')}</tr>`
  })
  const more = items.length > rowLimit ? `<p class="soft">and ${items.length - rowLimit} more</p>` : ''
  return `<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>${more}`
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64')
}
