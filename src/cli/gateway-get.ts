/** `slipway gateway get`: objects of a running gateway, in the way kubectl shows them. */
import { Failure, nearest } from '../base/index.ts'
import { groupKindOf, kinds, type Kind, type ReportedObject } from '../gateway/index.ts'
import { askGateway } from './gateway-admin.ts'
import { objectColumns, type ObjectColumns } from './report/gateway-objects.ts'
import { formatTable } from './report/table.ts'

export interface GetFlags {
  readonly admin: string
  readonly namespace?: string
  readonly output: string
}

const outputs = ['table', 'wide', 'yaml', 'json', 'name']

/** kubectl's short names */
const shortNames: Readonly<Record<string, string>> = {
  gc: 'GatewayClass.gateway.networking.k8s.io',
  gtw: 'Gateway.gateway.networking.k8s.io',
  btlspolicy: 'BackendTLSPolicy.gateway.networking.k8s.io',
  refgrant: 'ReferenceGrant.gateway.networking.k8s.io',
  gw: 'Gateway.networking.istio.io',
  vs: 'VirtualService.networking.istio.io',
  dr: 'DestinationRule.networking.istio.io',
  se: 'ServiceEntry.networking.istio.io',
  we: 'WorkloadEntry.networking.istio.io',
  ing: 'Ingress.networking.k8s.io',
  svc: 'Service',
  cm: 'ConfigMap',
  ns: 'Namespace',
}

/** @throws Failure USAGE | GATEWAY_UNREACHABLE | GATEWAY_OBJECT_NOT_FOUND */
export async function getAction(what: string, name: string | undefined, flags: GetFlags): Promise<void> {
  if (!outputs.includes(flags.output))
    throw new Failure('USAGE', `"${flags.output}" is not an output of get`, {
      hint: `it is ${outputs.join(', ')}`,
    })
  const wanted = selectKinds(what)
  const { items } = await askGateway<{ items: readonly ReportedObject[] }>(flags.admin, '/objects')
  const found = items
    .filter(({ metadata }) => name === undefined || metadata.name === name)
    .filter(({ metadata }) => flags.namespace === undefined || metadata.namespace === flags.namespace)
    .filter((item) => wanted.some((kind) => isOf(item, kind)))
  if (name !== undefined && found.length === 0)
    throw new Failure('GATEWAY_OBJECT_NOT_FOUND', `the gateway has no ${what} "${name}"`, {
      hint: `slipway gateway get ${what} lists them`,
    })
  const { stdout } = process
  switch (flags.output) {
    case 'json':
      stdout.write(`${JSON.stringify(name === undefined ? listOf(found) : found[0], undefined, 2)}\n`)
      return
    case 'yaml': {
      const { stringify } = await import('yaml')
      stdout.write(stringify(name === undefined ? listOf(found) : found[0]))
      return
    }
    case 'name':
      for (const { apiVersion, kind, metadata } of found)
        stdout.write(`${groupKindOf({ kind, group: groupOf(apiVersion) }).toLowerCase()}/${metadata.name}\n`)
      return
    default:
      stdout.write(tables(wanted, found, flags.output === 'wide'))
  }
}

/** `httproute`, `HTTPRoutes`, `vs`, `gateway.networking.istio.io`, `all`. @throws Failure USAGE */
export function selectKinds(what: string): readonly Kind[] {
  if (what === 'all') return kinds
  const text = what.toLowerCase()
  const full = shortNames[text]?.toLowerCase() ?? text
  const found = kinds.filter((kind) => namesOf(kind).includes(full))
  if (found.length > 0) return found
  const known = kinds.map(({ kind }) => kind.toLowerCase())
  const meant = nearest(text.replace(/s$/, ''), known)
  throw new Failure('USAGE', `"${what}" is no kind that a gateway reads`, {
    hint: meant === undefined ? `it is ${[...new Set(known)].join(', ')} or all` : `did you mean "${meant}"?`,
  })
}

function namesOf(kind: Kind): string[] {
  const singular = kind.kind.toLowerCase()
  const plural = singular.endsWith('s') ? `${singular}es` : singular.replace(/y$/, 'ie') + 's'
  return [singular, plural].flatMap((name) => [name, ...(kind.group === '' ? [] : [`${name}.${kind.group}`])])
}

function isOf({ apiVersion, kind }: ReportedObject, wanted: Kind): boolean {
  return kind === wanted.kind && groupOf(apiVersion) === wanted.group
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.split('/')[0]! : ''
}

function listOf(items: readonly ReportedObject[]) {
  return { apiVersion: 'v1', kind: 'List', items }
}

function tables(wanted: readonly Kind[], found: readonly ReportedObject[], isWide: boolean): string {
  const blocks = wanted.flatMap((kind) => {
    const items = found.filter((item) => isOf(item, kind))
    if (items.length === 0) return []
    const columns: ObjectColumns = objectColumns(kind, isWide)
    const isSeveral = wanted.length > 1
    const title = isSeveral ? `${groupKindOf(kind).toLowerCase()}/` : ''
    const rows = items.map((item) => [
      ...(kind.isNamespaced ? [item.metadata.namespace ?? ''] : []),
      `${title}${item.metadata.name}`,
      ...columns.map(({ cell }) => cell(item)),
      ageOf(item.metadata.creationTimestamp),
    ])
    const titles = [
      ...(kind.isNamespaced ? ['NAMESPACE'] : []),
      'NAME',
      ...columns.map(({ title: name }) => name),
      'AGE',
    ]
    return [
      formatTable(
        titles.map((each) => ({ title: each })),
        rows,
        process.stdout,
      ).join('\n'),
    ]
  })
  return blocks.length === 0 ? 'No resources found\n' : `${blocks.join('\n\n')}\n`
}

/** `5s`, `12m`, `3h`, `4d` */
export function ageOf(timestamp: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(timestamp)) / 1000))
  if (seconds < 120) return `${seconds}s`
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`
  return `${Math.floor(seconds / 86_400)}d`
}
