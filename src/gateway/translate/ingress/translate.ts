/**
 * Ingress of networking.k8s.io/v1: one listener for HTTP, and one for HTTPS when an Ingress has `tls`. Hosts with a
 * certificate are served on both; nothing is redirected, as the API has no word for it.
 */
import type { FilterChain, Listener, RouteConfiguration, VirtualHost } from '../../model/index.ts'
import type { KubeObject } from '../../objects/object.ts'
import { serviceRegistry } from '../backends/registry.ts'
import { newCredentials, type Credentials } from '../credentials.ts'
import { nameOf, newReport, type Report } from '../report.ts'
import type { Translator } from '../translation.ts'
import { newBackends } from './backends.ts'
import { ownIngresses } from './classes.ts'
import { ingressHosts, type IngressHost } from './hosts.ts'
import type { IngressObject } from './spec.ts'
import { ingressStatus } from './status.ts'

export const translateIngress: Translator = (input) => {
  const report = newReport()
  const ingresses = ownIngresses(input.objects, report)
  const credentials = newCredentials(input)
  const backends = newBackends(serviceRegistry(input.objects, input.options.domain), report)
  for (const ingress of ingresses) tellForeignAnnotations(ingress, report)

  const { address, ingressPorts = { http: 80, https: 443 } } = input.options
  const hosts = ingressHosts(ingresses, backends, report)
  const secured = securedHosts(ingresses, credentials, report)
  const routeConfigurations: RouteConfiguration[] = []
  const listeners: Listener[] = []
  const origins = new Map<string, KubeObject>()
  const listen = (port: number, filterChains: readonly FilterChain[]) =>
    listeners.push({ name: `${address}:${port}/tcp`, address, port, transport: 'tcp', filterChains })

  const [first] = ingresses
  if (first) {
    const name = 'Ingress http'
    origins.set(name, first)
    routeConfigurations.push({ name: 'ingress/http', virtualHosts: hosts.map(virtualHost) })
    listen(ingressPorts.http, [
      { name, match: { tls: false, serverNames: [] }, filter: manager('ingress/http') },
    ])
  }
  if (secured.length > 0) {
    const covered = hosts.filter(({ host }) => secured.some((entry) => isCovered(host, entry)))
    routeConfigurations.push({ name: 'ingress/https', virtualHosts: covered.map(virtualHost) })
    for (const { chain, ingress } of secured) origins.set(chain.name, ingress)
    listen(
      ingressPorts.https,
      secured.map(({ chain }) => chain),
    )
  }
  return {
    listeners,
    routeConfigurations,
    clusters: backends.clusters(),
    secrets: credentials.secrets(),
    statuses: ingresses.map((ingress) => {
      const isSecure = secured.some((entry) => entry.ingress === ingress)
      return ingressStatus(ingress, address, isSecure ? ingressPorts : { http: ingressPorts.http })
    }),
    diagnostics: report.all(),
    origins,
  }
}

/** A wildcard host stands for one label only. */
function virtualHost({ host, routes }: IngressHost): VirtualHost {
  return { name: host, domains: [host], ...(host.startsWith('*.') && { suffixLabels: 1 }), routes }
}

function manager(routeConfiguration: string): FilterChain['filter'] {
  return { kind: 'http', routeConfiguration }
}

interface SecuredHosts {
  readonly ingress: IngressObject
  readonly chain: FilterChain
}

/** A chain for each entry of `tls`; of a host that two have the older holds. No hosts: every host. */
function securedHosts(
  ingresses: readonly IngressObject[],
  credentials: Credentials,
  report: Report,
): SecuredHosts[] {
  const taken = new Map<string, string>()
  const secured: SecuredHosts[] = []
  for (const ingress of ingresses) {
    for (const [index, entry] of (ingress.spec.tls ?? []).entries()) {
      const path = ['tls', index]
      const found = entry.secretName
        ? credentials.keyPair({ credential: entry.secretName, namespace: ingress.metadata.namespace })
        : { problem: 'it names no Secret, and there is no default certificate' }
      if ('problem' in found) {
        report.error(ingress, [...path, 'secretName'], {
          rule: 'ingress-certificate',
          message: `${found.problem}, so its hosts are not served with TLS`,
        })
        continue
      }
      const name = `${nameOf(ingress)} tls ${index}`
      const hosts = (entry.hosts?.length ? entry.hosts : ['']).map((host) => host.toLowerCase())
      const serverNames = hosts.filter((host, at) => {
        const other = taken.get(host)
        if (other === undefined) {
          taken.set(host, name)
          return true
        }
        report.warn(ingress, [...path, 'hosts', at], {
          rule: 'duplicate-tls-host',
          message: `${host === '' ? 'every other host' : `host ${host}`} has the certificate of ${other}, which is older`,
        })
        return false
      })
      if (serverNames.length === 0) continue
      const chain: FilterChain = {
        name,
        match: { tls: true, serverNames: serverNames.filter((host) => host !== '') },
        tls: { certificates: [found.secret], alpn: ['h2', 'http/1.1'] },
        filter: manager('ingress/https'),
      }
      secured.push({ ingress, chain })
    }
  }
  return secured
}

/** Does a chain have a certificate for the host? */
function isCovered(host: string, { chain }: SecuredHosts): boolean {
  const { serverNames } = chain.match
  if (serverNames.length === 0 || serverNames.includes(host)) return true
  return serverNames.includes(`*${host.slice(host.indexOf('.'))}`)
}

/** Other controllers are told what to do by annotations; none of them has an effect here. */
function tellForeignAnnotations(ingress: IngressObject, report: Report): void {
  for (const name of Object.keys(ingress.metadata.annotations)) {
    const [domain = ''] = name.split('/')
    if (!/(?:^|\.)(?:ingress\.kubernetes\.io|haproxy\.org|konghq\.com|traefik\.io)$/.test(domain)) continue
    report.warn(ingress, ['metadata', 'annotations', name], {
      rule: 'annotation-without-effect',
      message: `annotation ${name} is for another controller and has no effect`,
      hint: 'HTTPRoute can say what the Ingress API cannot',
    })
  }
}
