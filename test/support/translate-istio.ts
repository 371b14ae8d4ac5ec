import { isDeepStrictEqual } from 'node:util'
import type { Route, VirtualHost } from '../../src/gateway/model/index.ts'
import { translateIstio } from '../../src/gateway/translate/istio/translate.ts'
import type { TranslateOptions, Translation } from '../../src/gateway/translate/translation.ts'
import { objectSet } from './kube-objects.ts'

export interface TranslateFiles {
  /** text of files by their path */
  readonly files?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
}

/** Options of a proxy as the demo has it. */
export function translateOptions({
  files = {},
  labels = { istio: 'ingressgateway' },
}: TranslateFiles = {}): TranslateOptions {
  return {
    address: '127.0.0.1',
    addressPool: [],
    labels,
    domain: 'cluster.local',
    readFile: (path) => files[path],
  }
}

/** The Istio translator on YAML text. */
export function istio(texts: string | readonly string[], options: TranslateFiles = {}): Translation {
  const objects = objectSet(...(typeof texts === 'string' ? [texts] : texts))
  return translateIstio({ objects, options: translateOptions(options) })
}

/** Virtual hosts of all route configurations. */
export function hostsOf(translation: Translation): VirtualHost[] {
  return translation.routeConfigurations.flatMap(({ virtualHosts }) => virtualHosts)
}

/** Routes of the virtual host with the domain. */
export function routesFor(translation: Translation, domain: string): readonly Route[] {
  return hostsOf(translation).find(({ domains }) => domains.includes(domain))?.routes ?? []
}

/** `rule: message` of every diagnostic. */
export function told(translation: Translation): string[] {
  return translation.diagnostics.map(({ rule, message }) => `${rule}: ${message}`)
}

/** Is everything in `part` in `whole`, however deep? Lists have to be equal in length. */
export function includes(whole: unknown, part: unknown): boolean {
  if (part === null || typeof part !== 'object') return Object.is(whole, part)
  if (whole === null || typeof whole !== 'object') return false
  if (Array.isArray(part)) {
    return (
      Array.isArray(whole) &&
      whole.length === part.length &&
      part.every((item, at) => includes(whole[at], item))
    )
  }
  return (
    isDeepStrictEqual(whole, part) ||
    Object.entries(part).every(([name, value]) => includes((whole as Record<string, unknown>)[name], value))
  )
}
