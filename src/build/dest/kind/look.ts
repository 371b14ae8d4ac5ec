/** What a node has: asked over the program that runs it, in one go. */
import type { Waiting } from '../../../base/index.ts'
import { hostPlatform, parsePlatform, type Platform } from '../../../oci/index.ts'
import { runCommand } from './command.ts'
import type { KindNode } from './find-nodes.ts'

/** ctr in the namespace that the kubelet looks at. */
export const kubeletCtr: readonly string[] = ['ctr', '--namespace=k8s.io']

export interface LookOptions extends Waiting {
  /** the whole environment of programs that reach the node */
  readonly env: Readonly<NodeJS.ProcessEnv>
}

export interface Found {
  readonly platform: Platform
  readonly digests: Set<string>
  /** digest by name of image */
  readonly names: ReadonlyMap<string, string>
}

/**
 * What the node runs, what its content store holds and what its images are.
 * @throws Failure STORE_UNREACHABLE when the node does not run, STORE_REFUSED
 */
export async function look(node: KindNode, { env, signal }: LookOptions): Promise<Found> {
  const ctr = kubeletCtr.join(' ')
  const questions = ['uname -m', `${ctr} content ls -q`, `${ctr} images ls`]
  const text = await runCommand(commandOn(node, [], ['sh', '-c', questions.join(' && ')]), {
    action: `ask the node ${node.name} what images it has`,
    env,
    signal,
  })
  const [machine = '', ...lines] = text.split('\n')
  const rows = lines.map((line) => line.trim().split(/\s+/))
  return {
    platform: platformOf(machine),
    digests: new Set(rows.flatMap(([digest = '', ...rest]) => (rest.length === 0 ? [digest] : []))),
    // REF TYPE DIGEST …
    names: new Map(rows.flatMap(([name = '', , digest]) => (digest === undefined ? [] : [[name, digest]]))),
  }
}

/** Of a machine as `uname -m` calls it. */
function platformOf(machine: string): Platform {
  try {
    return parsePlatform(`linux/${machine.replace(/^armv(\d).*/, 'arm/v$1')}`)
  } catch {
    return hostPlatform()
  }
}

/** As kind runs programs on its nodes: with `-i` those that read their input. */
export function commandOn(
  { runtime, name }: KindNode,
  flags: readonly string[],
  argv: readonly string[],
): string[] {
  return [runtime, 'exec', '--privileged', ...flags, name, ...argv]
}
