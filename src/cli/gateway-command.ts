/** `slipway gateway`: a gateway from plain files. Each command is loaded when it runs. */
import type { Command } from 'commander'
import { addAdminFlag, addConfigFlags, defaultAdmin } from './gateway-flags.ts'
import type { DumpFlags } from './gateway-dump.ts'
import type { GetFlags } from './gateway-get.ts'
import type { RunFlags } from './gateway-run.ts'
import type { StatusFlags } from './gateway-status.ts'
import type { ValidateFlags } from './gateway-validate.ts'

export function addGatewayCommand(program: Command): void {
  const gateway = program
    .command('gateway')
    .description('a gateway from plain files: Gateway API, Istio and Ingress objects, without Kubernetes')
  addConfigFlags(
    gateway.command('run').description('serve the objects until Ctrl-C, and follow changes of their files'),
  )
    .option(
      '--admin <host:port>',
      'address of /ready, /status, /metrics and the page; off for none',
      defaultAdmin,
    )
    .option(
      '--access-log <format>',
      'text or json, one line for each request on the standard output; default none',
    )
    .option('--no-watch', 'do not follow changes of files')
    .option('--drain <seconds>', 'how long requests may take to end after the first signal', '30')
    .option(
      '--grace <seconds>',
      'how long to go on serving after /ready fails, for load balancers in front',
      '0',
    )
    .option('--state <file>', 'file that keeps the ages of objects; default below $XDG_STATE_HOME/slipway')
    .option('--progress <mode>', 'auto, json or quiet', 'auto')
    .action(async (flags: RunFlags) => (await import('./gateway-run.ts')).runAction(flags))
  addConfigFlags(
    gateway
      .command('validate')
      .description('say what is wrong with the objects; exits with 1 when that is an error'),
  )
    .argument('[path...]', 'as -c')
    .option('--format <format>', 'text, json or sarif', 'text')
    .action(async (paths: string[], flags: ValidateFlags) =>
      (await import('./gateway-validate.ts')).validateAction(paths, flags),
    )
  addAdminFlag(
    gateway
      .command('status')
      .description('what a running gateway serves and what is wrong; exits with 1 when it is not ready'),
  )
    .option('-o, --output <format>', 'text or json', 'text')
    .action(async (flags: StatusFlags) => (await import('./gateway-status.ts')).statusAction(flags))
  addAdminFlag(
    gateway
      .command('get')
      .description('objects of a running gateway with their status, as kubectl shows them'),
  )
    .argument('<kind>', 'such as gateways, httproute, vs, se, all')
    .argument('[name]')
    .option('-n, --namespace <name>', 'only of this namespace')
    .option('-o, --output <format>', 'table, wide, yaml, json or name', 'table')
    .action(async (kind: string, name: string | undefined, flags: GetFlags) =>
      (await import('./gateway-get.ts')).getAction(kind, name, flags),
    )
  addAdminFlag(
    gateway
      .command('dump')
      .description('the route model that a running gateway serves, as JSON; keys are not shown'),
  )
    .option('--clusters', 'backends and their health instead')
    .action(async (flags: DumpFlags) => (await import('./gateway-dump.ts')).dumpAction(flags))
}
