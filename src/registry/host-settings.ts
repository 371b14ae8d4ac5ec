/** What this machine's configuration says of a registry host: its certificates, whether TLS is a must, proxies. */
import type { ProxyEnvironment, TlsOptions } from '../http/index.ts'
import { readCertificates } from './certificates.ts'
import { containersConf, type ContainersConf } from './registries-conf.ts'
import { isInsecureHost } from './registry-rules.ts'

export interface HostSettings {
  /** certificates may be anybody's, and plain HTTP will do */
  readonly isInsecure: boolean
  /** authorities and client certificates for this host */
  readonly tls: Pick<TlsOptions, 'authorities' | 'certificates'> | undefined
  /** variables that name proxies */
  readonly proxyEnv: ProxyEnvironment
  /** hosts with private addresses that the registry may send us to */
  readonly trustedHosts: readonly string[]
}

/** @throws Failure when a file of the configuration cannot be understood */
export type HostSettingsSource = (host: string) => Promise<HostSettings>

export const plainSettings: HostSettings = {
  isInsecure: false,
  tls: undefined,
  proxyEnv: {},
  trustedHosts: [],
}

export interface HostSettingsOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** hosts as references write them, for which TLS is no must, besides those of files and variables */
  readonly insecure?: readonly string[] | undefined
  /** registries.conf, read once and shared with the mirrors; default: that of `env` */
  readonly conf?: ContainersConf | undefined
}

/**
 * The settings of this machine: `certs.d` folders, registries.conf, `SLIPWAY_INSECURE_REGISTRIES` and
 * `SLIPWAY_PRIVATE_HOSTS` (lists with commas), `HTTPS_PROXY` and its kin.
 */
export function hostSettings(options: HostSettingsOptions): HostSettingsSource {
  const { env, conf = containersConf({ env }) } = options
  const insecure = new Set([...(options.insecure ?? []), ...listOf(env['SLIPWAY_INSECURE_REGISTRIES'])])
  const trustedHosts = listOf(env['SLIPWAY_PRIVATE_HOSTS'])
  return async (host) => {
    const [tls, { rules }] = await Promise.all([readCertificates(host, { env }), conf()])
    const isInsecure =
      insecure.has(host) || insecure.has(host.replace(/:\d+$/, '')) || isInsecureHost(rules, host)
    return { isInsecure, tls, proxyEnv: env, trustedHosts }
  }
}

function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
