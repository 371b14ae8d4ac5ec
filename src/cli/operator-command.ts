/** `slipway operator`: software in a cluster, with no operator running there. */
import type { Command } from 'commander'

export interface FileFlags {
  readonly namespace?: string
}

export interface ClusterFlags {
  readonly namespace?: string
  readonly kubeconfig?: string
  readonly context?: string
  readonly requestTimeout: string
  readonly progress: string
}

export interface ApplyFlags extends ClusterFlags {
  readonly wait?: boolean
  readonly timeout: string
}

export interface DiffFlags extends ClusterFlags {
  readonly json?: boolean
}

const fileArgument = 'an Installation, or a facade such as Nginx; - for the standard input'

export function addOperatorCommand(program: Command): void {
  const operator = program
    .command('operator')
    .description('install software into Kubernetes, with no operator running')
  operator
    .command('render')
    .description('print the objects of a file as YAML, for any tool to apply; asks no cluster')
    .argument('<file>', fileArgument)
    .option('-n, --namespace <name>', 'for installations that do not name theirs', 'default')
    .action(async (file: string, flags: FileFlags) => {
      const { runRender } = await import('./operator-render.ts')
      await runRender(file, flags)
    })
  const diff = operator
    .command('diff')
    .description('show what apply would do; ends with 0 for nothing, 1 for something, 2 for an error')
    .argument('<file>', fileArgument)
    .option('--json', 'as JSON')
  addClusterFlags(diff).action(async (file: string, flags: DiffFlags) => {
    const { runDiff } = await import('./operator-diff.ts')
    await runDiff(file, flags)
  })
  const apply = operator
    .command('apply')
    .description('bring the objects of a file into a cluster, and delete those that it no longer has')
    .argument('<file>', fileArgument)
    .option('--wait', 'until everything is ready, or cannot become so')
    .option('--timeout <seconds>', 'how long --wait may take', '300')
  addClusterFlags(apply).action(async (file: string, flags: ApplyFlags) => {
    const { runApply } = await import('./operator-apply.ts')
    await runApply(file, flags)
  })
}

function addClusterFlags(command: Command): Command {
  return command
    .option(
      '-n, --namespace <name>',
      'for installations that do not name theirs; default that of the context',
    )
    .option('--kubeconfig <file>', 'default: those of KUBECONFIG, ~/.kube/config, or the account of the pod')
    .option('--context <name>', 'of the kubeconfig; default its current one')
    .option('--request-timeout <seconds>', 'for one answer of the API server', '30')
    .option('--progress <mode>', 'auto, plain, json or quiet', 'auto')
}
