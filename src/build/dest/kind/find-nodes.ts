/** The nodes of a kind cluster: containers with kind's labels, found by the program kind itself would use. */
import { Failure, nearest, systemCode, type Waiting } from '../../../base/index.ts'
import { runCommand } from './command.ts'

export interface KindNode {
  /** name of the container */
  readonly name: string
  /** program that runs the containers, such as `docker` */
  readonly runtime: string
}

export interface FindNodesOptions extends Waiting {
  /** also where KIND_EXPERIMENTAL_PROVIDER is looked up */
  readonly env: Readonly<NodeJS.ProcessEnv>
}

/** What kind looks for, in its order, when KIND_EXPERIMENTAL_PROVIDER names none. */
const runtimes = ['docker', 'nerdctl', 'podman']

/** What KIND_EXPERIMENTAL_PROVIDER may be; kind ignores everything else. */
export const providers: readonly string[] = [...runtimes, 'finch', 'nerdctl.lima']

export function isKnownProvider(name: string): boolean {
  return providers.includes(name)
}

const clusterLabel = 'io.x-k8s.kind.cluster'
const roleLabel = 'io.x-k8s.kind.role'

/** Roles of containers that run a kubelet; a load balancer takes no images. */
const nodeRoles = ['control-plane', 'worker']

/**
 * All nodes of the cluster, those that are stopped too, by name.
 * @throws Failure CLUSTER_NOT_FOUND, listing the clusters there are; STORE_UNREACHABLE
 */
export async function findNodes(cluster: string, options: FindNodesOptions): Promise<readonly KindNode[]> {
  const { runtime, rows } = await listContainers(options)
  const nodes = rows.filter((row) => row.cluster === cluster && nodeRoles.includes(row.role))
  if (nodes.length > 0)
    return nodes.map(({ name }) => ({ name, runtime })).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const clusters = [...new Set(rows.map((row) => row.cluster))].toSorted()
  const suggestion = nearest(cluster, clusters)
  throw new Failure('CLUSTER_NOT_FOUND', `there is no kind cluster "${cluster}" in ${runtime}`, {
    hint:
      clusters.length === 0
        ? 'there is none at all; "kind create cluster" makes one'
        : suggestion === undefined
          ? `there are: ${clusters.join(', ')}; name one as --load=kind:${clusters[0]}`
          : `did you mean ${suggestion}?`,
  })
}

interface Row {
  readonly cluster: string
  readonly name: string
  readonly role: string
}

async function listContainers({
  env,
  signal,
}: FindNodesOptions): Promise<{ runtime: string; rows: readonly Row[] }> {
  const chosen = env['KIND_EXPERIMENTAL_PROVIDER']
  const candidates = chosen && isKnownProvider(chosen) ? [chosen] : runtimes
  const format = `{{.Label "${clusterLabel}"}}\t{{.Names}}\t{{.Label "${roleLabel}"}}`
  for (const runtime of candidates) {
    try {
      const argv = [runtime, 'ps', '-a', '--filter', `label=${clusterLabel}`, '--format', format]
      const text = await runCommand(argv, { action: `ask ${runtime} for the nodes of kind`, env, signal })
      return { runtime, rows: readRows(text) }
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error
    }
  }
  throw new Failure(
    'STORE_UNREACHABLE',
    `cannot look for the nodes of kind: no ${candidates.join(' or ')} here`,
    {
      hint: 'install the program that kind runs its nodes with',
    },
  )
}

function readRows(text: string): Row[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [cluster = '', name = '', role = ''] = line.split('\t')
      return { cluster, name, role }
    })
}
