/** Flags of `slipway gateway` that several of its commands share. */
import { isIP } from 'node:net'
import type { Command } from 'commander'
import { Failure } from '../base/index.ts'
import { collect, parsePairs } from './flags.ts'

export const defaultAdmin = '127.0.0.1:15000'

export interface ConfigFlags {
  readonly config?: string[]
  readonly namespace: string
  readonly strict?: boolean
  readonly address: string
  readonly addressPool?: string
  readonly label?: string[]
  readonly trustedHops: string
  readonly proxyProtocol?: boolean
  readonly ingressPorts: string
  readonly domain: string
}

/** What says which objects there are, and how they are read. */
export function addConfigFlags(command: Command): Command {
  return command
    .option(
      '-c, --config <path>',
      'folder or file of objects, or - for the standard input; may be given several times',
      collect,
    )
    .option('-n, --namespace <name>', 'namespace of objects that name none', 'default')
    .option('--strict', 'unknown fields are errors')
    .option('--address <ip>', 'address that Gateways without one of their own listen on', '127.0.0.1')
    .option('--address-pool <ip,ip>', 'addresses for Gateways that would collide on --address')
    .option(
      '--label <name=value>',
      'label of this proxy, for the selector of an Istio Gateway; default istio=ingressgateway',
      collect,
    )
    .option(
      '--trusted-hops <n>',
      'proxies in front that are trusted to say who the client is (X-Forwarded-For)',
      '0',
    )
    .option('--proxy-protocol', 'every TCP connection begins with a PROXY protocol header')
    .option('--ingress-ports <http,https>', 'ports that Ingresses are served on, as they name none', '80,443')
    .option('--domain <name>', 'DNS domain of short service names', 'cluster.local')
}

export function addAdminFlag(command: Command): Command {
  return command.option('--admin <host:port>', 'admin address of the running gateway', defaultAdmin)
}

/** What `startGateway` and `validateConfig` need of the flags. @throws Failure USAGE */
export async function readConfigFlags(flags: ConfigFlags, paths: readonly string[] = []) {
  const config = [...paths, ...(flags.config ?? [])]
  if (config.length === 0)
    throw new Failure('USAGE', 'there is nothing to serve', {
      hint: 'name a folder or file of Gateway API, Istio or Ingress objects: -c DIR',
    })
  const addressPool = (flags.addressPool ?? '').split(',').filter((address) => address !== '')
  for (const address of [flags.address, ...addressPool])
    if (isIP(address) === 0)
      throw new Failure('USAGE', `"${address}" is not an IP address to listen on`, {
        hint: 'such as 127.0.0.1, or 0.0.0.0 for all of this machine',
      })
  return {
    config,
    standardInput: config.includes('-') ? await readStandardInput() : undefined,
    namespace: flags.namespace,
    strict: flags.strict ?? false,
    translate: {
      address: flags.address,
      addressPool,
      labels: flags.label ? parsePairs('--label', flags.label) : { istio: 'ingressgateway' },
      ingressPorts: parseIngressPorts(flags.ingressPorts),
      topology: {
        trustedHops: parseHops(flags.trustedHops),
        proxyProtocol: flags.proxyProtocol ?? false,
      },
      domain: flags.domain,
    },
  }
}

function parseHops(text: string): number {
  if (/^\d{1,2}$/.test(text)) return Number(text)
  throw new Failure('USAGE', `--trusted-hops "${text}" is no count of proxies`, { hint: 'write it like 1' })
}

function parseIngressPorts(text: string): { http: number; https: number } {
  const [http = 0, https = 0, ...rest] = text.split(',').map(Number)
  const arePorts = [http, https].every((port) => Number.isInteger(port) && port > 0 && port < 65_536)
  if (arePorts && rest.length === 0) return { http, https }
  throw new Failure('USAGE', `--ingress-ports "${text}" is no pair of ports`, {
    hint: 'write it like 8080,8443',
  })
}

async function readStandardInput(): Promise<string> {
  process.stdin.setEncoding('utf8')
  let text = ''
  for await (const chunk of process.stdin) text += chunk as string
  return text
}
