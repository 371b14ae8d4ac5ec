/** `slipway operator`: software in a cluster, with no operator running there. */
import type { Command } from 'commander'
import { addInsecureFlag } from './flags.ts'

export interface FileFlags {
  readonly namespace?: string
  readonly insecureRegistry?: string[]
}

export interface ClusterFlags extends FileFlags {
  readonly kubeconfig?: string
  readonly context?: string
  readonly requestTimeout: string
  readonly progress: string
}

export interface WaitFlags extends ClusterFlags {
  readonly wait?: boolean
  readonly timeout: string
}

export interface DiffFlags extends ClusterFlags {
  readonly json?: boolean
}

export interface AdoptFlags extends WaitFlags {
  readonly allowChanges?: boolean
}

export interface StatusFlags extends ClusterFlags {
  readonly json?: boolean
  readonly allNamespaces?: boolean
}

export interface RbacFlags extends FileFlags {
  readonly serviceAccount?: string
  readonly name?: string
}

export interface LintFlags {
  readonly json?: boolean
}

export interface PushFlags {
  readonly insecureRegistry?: string[]
}

export interface RollbackFlags extends WaitFlags {
  readonly to?: string
  readonly dryRun?: boolean
}

export interface EjectFlags extends ClusterFlags {
  readonly to: string
  readonly output?: string
  readonly dryRun?: boolean
}

export interface DeleteFlags extends ClusterFlags {
  readonly orphan?: boolean
  readonly withProtected?: boolean
}

const fileArgument = 'an Installation, or a facade such as Nginx; - for the standard input'
const nameArgument = 'name of the installation'
const packageArgument = 'PACKAGE@VERSION, or the folder of one that is data'

export function addOperatorCommand(program: Command): void {
  const operator = program
    .command('operator')
    .description('install software into Kubernetes, with no operator running')
  addOfflineCommands(operator)
  addApplyCommands(operator)
  addInstalledCommands(operator)
}

/** Commands that ask no cluster. */
function addOfflineCommands(operator: Command): void {
  const render = operator
    .command('render')
    .description('print the objects of a file as YAML, for any tool to apply; asks no cluster')
    .argument('<file>', fileArgument)
    .option('-n, --namespace <name>', 'for installations that do not name theirs', 'default')
  addInsecureFlag(render).action(async (file: string, flags: FileFlags) => {
    const { runRender } = await import('./operator-render.ts')
    await runRender(file, flags)
  })
  const rbac = operator
    .command('rbac')
    .description('print the Role that an installer needs, and no more; asks no cluster')
    .argument('<file-or-package>', 'a file, or PACKAGE@VERSION for everything that any values make it render')
    .option('-n, --namespace <name>', 'for installations that do not name theirs', 'default')
    .option('--name <name>', 'of the Role; default slipway-installer')
    .option('--service-account <name>', 'bind it to this account')
  addInsecureFlag(rbac).action(async (what: string, flags: RbacFlags) => {
    const { runRbac } = await import('./operator-rbac.ts')
    await runRbac(what, flags)
  })
  operator
    .command('lint')
    .description('look for what experience warns of in what a package renders; ends with 1 for an error')
    .argument('<package>', packageArgument)
    .option('--json', 'as JSON')
    .action(async (what: string, flags: LintFlags) => {
      const { runLint } = await import('./operator-package.ts')
      await runLint(what, flags)
    })
  const packages = operator
    .command('package')
    .description('packages that are data, in folders and registries')
  packages
    .command('list')
    .description('list the packages that Slipway brings')
    .action(async () => {
      const { runPackageList } = await import('./operator-package.ts')
      runPackageList()
    })
  packages
    .command('schema')
    .description('print the JSON Schema of the values of a package')
    .argument('<package>', packageArgument)
    .action(async (what: string) => {
      const { runPackageSchema } = await import('./operator-package.ts')
      await runPackageSchema(what)
    })
  const push = packages
    .command('push')
    .description('push a folder to a registry and print how installations name it')
    .argument('<folder>', 'with a package.yaml and manifests')
    .argument('<reference>', 'such as registry.example/packages/redis:1.0.0')
  addInsecureFlag(push).action(async (folder: string, reference: string, flags: PushFlags) => {
    const { runPackagePush } = await import('./operator-package.ts')
    await runPackagePush(folder, reference, flags)
  })
}

/** Commands that compare a file with a cluster, and make the cluster like it. */
function addApplyCommands(operator: Command): void {
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
  addClusterFlags(addWaitFlags(apply)).action(async (file: string, flags: WaitFlags) => {
    const { runApply } = await import('./operator-apply.ts')
    await runApply(file, flags)
  })
  const adopt = operator
    .command('adopt')
    .description('take objects that are there already into an installation, without changing them')
    .argument('<file>', fileArgument)
    .option('--allow-changes', 'also where the file says something else than the cluster')
  addClusterFlags(addWaitFlags(adopt)).action(async (file: string, flags: AdoptFlags) => {
    const { runAdopt } = await import('./operator-apply.ts')
    await runAdopt(file, flags)
  })
}

/** Commands about what is in a cluster, which need neither file nor package. */
function addInstalledCommands(operator: Command): void {
  const status = operator
    .command('status')
    .description(
      'show an installation with all of its objects, and why one is not ready; without a name list them all',
    )
    .argument('[name]', nameArgument)
    .option('--json', 'as JSON')
    .option('-A, --all-namespaces', 'list those of all namespaces')
  addClusterFlags(status).action(async (name: string | undefined, flags: StatusFlags) => {
    const { runStatus } = await import('./operator-status.ts')
    await runStatus(name, flags)
  })
  const rollback = operator
    .command('rollback')
    .description('apply an earlier revision again')
    .argument('<name>', nameArgument)
    .option('--to <revision>', 'its number; default the one before the last')
    .option('--dry-run', 'show what it would do')
  addClusterFlags(addWaitFlags(rollback)).action(async (name: string, flags: RollbackFlags) => {
    const { runRollback } = await import('./operator-rollback.ts')
    await runRollback(name, flags)
  })
  const eject = operator
    .command('eject')
    .description('leave: print manifests of an installation and hand everything over to another manager')
    .argument('<name>', nameArgument)
    .option('--to <manager>', 'field manager that has the fields from then on', 'kubectl')
    .option('-o, --output <file>', 'write the manifests there; default the standard output')
    .option('--dry-run', 'print the manifests and change nothing')
  addClusterFlags(eject).action(async (name: string, flags: EjectFlags) => {
    const { runEject } = await import('./operator-eject.ts')
    await runEject(name, flags)
  })
  const remove = operator
    .command('delete')
    .description('delete an installation with its objects; needs neither its file nor its package')
    .argument('<name>', nameArgument)
    .option('--orphan', 'leave the objects, as kubectl would have applied them')
    .option('--with-protected', 'Namespaces, CustomResourceDefinitions and PersistentVolumeClaims too')
  addClusterFlags(remove).action(async (name: string, flags: DeleteFlags) => {
    const { runDelete } = await import('./operator-delete.ts')
    await runDelete(name, flags)
  })
}

function addWaitFlags(command: Command): Command {
  return command
    .option('--wait', 'until everything is ready, or cannot become so')
    .option('--timeout <seconds>', 'how long --wait may take', '300')
}

function addClusterFlags(command: Command): Command {
  return addInsecureFlag(command)
    .option(
      '-n, --namespace <name>',
      'for installations that do not name theirs; default that of the context',
    )
    .option('--kubeconfig <file>', 'default: those of KUBECONFIG, ~/.kube/config, or the account of the pod')
    .option('--context <name>', 'of the kubeconfig; default its current one')
    .option('--request-timeout <seconds>', 'for one answer of the API server', '30')
    .option('--progress <mode>', 'auto, plain, json or quiet', 'auto')
}
