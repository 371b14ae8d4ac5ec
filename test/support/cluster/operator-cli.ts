/** `slipway operator` against a control plane of a test, and what it has made there. */
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { idOf, type KubeObject } from '../../../src/kube/index.ts'
import { parseYamlDocuments } from '../../../src/yaml/index.ts'
import { slipway, type SlipwayResult } from '../slipway.ts'
import type { ControlPlane } from './control-plane.ts'

export interface OperatorCli {
  /** runs it to its end, whatever that is */
  readonly run: (...args: readonly string[]) => Promise<SlipwayResult>
  /** fails unless it ends with 0 */
  readonly ok: (...args: readonly string[]) => Promise<SlipwayResult>
  /** writes a file of the operator and returns its path */
  readonly file: (text: string) => Promise<string>
  /** a file with an `Nginx` named `web` and this spec */
  readonly nginx: (spec: string) => Promise<string>
  /** a file with an `Installation` named `web` of package nginx and this added to its spec, of two spaces more */
  readonly installation: (spec: string, version?: string) => Promise<string>
}

export interface OperatorCliOptions {
  /** default `admin` */
  readonly user?: string
  /** something else to talk to, such as a proxy of faults */
  readonly server?: string
  readonly namespace?: string
}

export function operatorCli(cluster: () => ControlPlane, options: OperatorCliOptions = {}): OperatorCli {
  const { user, ...choice } = options
  const run: OperatorCli['run'] = async (...args) => {
    const kubeconfig = await cluster().kubeconfig(user, choice)
    return slipway(['operator', ...args], { home: cluster().folder.path, env: { KUBECONFIG: kubeconfig } })
  }
  const file: OperatorCli['file'] = async (text) => {
    const path = cluster().folder.join(`installation-${++files}.yaml`)
    await writeFile(path, text)
    return path
  }
  return {
    run,
    async ok(...args) {
      const result = await run(...args)
      assert.equal(result.status, 0, `${args.join(' ')}\n${result.stderr}${result.stdout}`)
      return result
    },
    file,
    nginx: (spec) =>
      file(`apiVersion: slipway.dev/v1alpha1\nkind: Nginx\nmetadata: {name: web}\nspec: ${spec}\n`),
    installation: (spec, version = '1.0.0') =>
      file(`apiVersion: slipway.dev/v1alpha1
kind: Installation
metadata: {name: web}
spec:
  package: {name: nginx, version: ${version}}
${spec}
`),
  }
}

let files = 0

/** The objects of a YAML text. */
export function readObjects(text: string): KubeObject[] {
  return parseYamlDocuments(text, 'rendered').map(({ value }) => value as KubeObject)
}

/** As the cluster has them; fails when one is not there. */
export async function liveObjects(
  cluster: ControlPlane,
  wanted: readonly KubeObject[],
): Promise<KubeObject[]> {
  return Promise.all(
    wanted.map(async (object) => {
      const live = await cluster.client.get(idOf(object))
      assert.ok(live, `${object.kind} ${object.metadata.name} is not there`)
      return live
    }),
  )
}

/** Without what the server keeps, names of namespaces, and the membership that only apply gives. */
export function plainObject(object: KubeObject, namespace: string): unknown {
  const { metadata, status: _status, ...rest } = object as KubeObject & { readonly status?: unknown }
  const { name, labels, annotations } = metadata
  const shown = { ...rest, name, labels: { ...labels }, annotations: { ...annotations } }
  delete (shown.labels as Record<string, string>)['applyset.kubernetes.io/part-of']
  delete (shown.annotations as Record<string, string>)['deployment.kubernetes.io/revision']
  const text = JSON.stringify(shown).replaceAll(namespace, 'NAMESPACE')
  // Each Service has an address of its own.
  return JSON.parse(text.replaceAll(/10\.96\.\d+\.\d+/g, 'ADDRESS'))
}
