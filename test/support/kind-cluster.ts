/**
 * Nodes of a kind cluster without kind: its node images cannot be had offline, so each node is a real containerd of our
 * own, and a small `docker` on PATH takes the words that reach a node's container (`docker ps`, `docker exec -i NODE`)
 * and runs the same commands, `ctr` among them, on that containerd. What a node runs is so what it runs in kind.
 */
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { startContainerd, type Containerd, type ContainerdLine } from './containerd.ts'
import { programEnvironment } from './program.ts'
import { temporaryFolder } from './temporary-folder.ts'

export interface KindNode {
  readonly name: string
  readonly containerd: Containerd
  /** runs ctr in the namespace of the kubelet */
  readonly ctr: (args: readonly string[]) => Promise<string>
  /** bytes that programs on the node have read since the last call */
  readonly takeBytes: () => Promise<number>
  /** stops the container, as `docker stop` would */
  readonly stop: () => Promise<void>
}

export interface KindCluster extends AsyncDisposable {
  readonly dispose: () => Promise<void>
  readonly nodes: readonly KindNode[]
  /** the environment that finds the stand-in */
  readonly env: Readonly<Record<string, string>>
  /** command lines of the stand-in so far */
  readonly calls: () => Promise<string[]>
  /** a program of the node in the place of one of this machine, as a shell script */
  readonly addProgram: (node: string, name: string, script: string) => Promise<void>
  /** makes the node's next `ctr images import` do this first, in the shell */
  readonly beforeImport: (node: string, script: string) => Promise<void>
}

/** The label values that kind gives its containers, as `docker ps` prints them with its own format. */
const role = (index: number) => (index === 0 ? 'control-plane' : 'worker')

const standIn = (folder: string) => `#!/bin/sh
echo "$*" >> ${folder}/calls
case "$1" in
ps) cat ${folder}/ps ;;
exec)
  shift; while [ "\${1#-}" != "$1" ]; do shift; done
  node=$1; shift
  if [ ! -e ${folder}/$node/running ]; then
    echo "Error response from daemon: container $node is not running" >&2; exit 1
  fi
  PATH=${folder}/$node:$PATH
  export PATH
  case "$*" in
  *"images import"*)
    [ ! -e ${folder}/$node/before ] || { . ${folder}/$node/before; rm ${folder}/$node/before; }
    tee -a ${folder}/$node/input | "$@" ;;
  *) exec "$@" ;;
  esac ;;
*) echo "unknown command: docker $1" >&2; exit 125 ;;
esac
`

export async function startKindCluster(
  cluster: string,
  lines: readonly ContainerdLine[],
): Promise<KindCluster> {
  const folder = await temporaryFolder()
  const bin = folder.join('bin')
  await mkdir(bin)
  await writeFile(`${bin}/docker`, standIn(folder.path), { mode: 0o755 })
  const nodes: KindNode[] = []
  const dispose = async () => {
    for (const { containerd } of nodes) await containerd.stop()
    await folder.remove()
  }
  // What kind makes beside the nodes of a cluster with several control planes; it has no containerd.
  await writeFile(
    folder.join('ps'),
    `${cluster}\t${cluster}-external-load-balancer\texternal-load-balancer\n`,
  )
  try {
    for (const [index, line] of lines.entries()) {
      const name = `${cluster}-${role(index)}${index > 1 ? index : ''}`
      const containerd = await startContainerd(line)
      const home = folder.join(name)
      // Its own name comes first on the PATH of the node.
      const ctr = `#!/bin/sh\nPATH=${programEnvironment['PATH']}\nexec ${containerd.ctrProgram} --address ${containerd.socket} "$@"\n`
      await mkdir(home)
      await writeFile(`${home}/ctr`, ctr, { mode: 0o755 })
      await writeFile(`${home}/running`, '')
      await appendFile(folder.join('ps'), `${cluster}\t${name}\t${role(index)}\n`)
      nodes.push({
        name,
        containerd,
        ctr: (args) => containerd.ctr(['--namespace', 'k8s.io', ...args]),
        async takeBytes() {
          const { length } = await readFile(`${home}/input`).catch(() => Buffer.alloc(0))
          await rm(`${home}/input`, { force: true })
          return length
        },
        stop: () => rm(`${home}/running`),
      })
    }
  } catch (error) {
    await dispose()
    throw error
  }
  return {
    nodes,
    env: { PATH: `${bin}:${process.env['PATH']}` },
    calls: async () => (await readFile(folder.join('calls'), 'utf8')).trim().split('\n'),
    addProgram: (node, program, script) =>
      writeFile(folder.join(node, program), `#!/bin/sh\n${script}\n`, { mode: 0o755 }),
    beforeImport: (node, script) => writeFile(folder.join(node, 'before'), script),
    dispose,
    [Symbol.asyncDispose]: dispose,
  }
}
