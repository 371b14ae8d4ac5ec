/** The CRDs that Gateway API and Istio publish in their Go modules: what our schemas, defaults and rules are compared with. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { hasProgram, runProgram } from './program.ts'
import { requirePart } from './require-part.ts'

export const gatewayApiModule = 'sigs.k8s.io/gateway-api@v1.6.3'
export const istioModule = 'istio.io/api@v1.30.1'

export interface CrdSchema {
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, CrdSchema>>
  readonly items?: CrdSchema
  readonly additionalProperties?: CrdSchema | boolean
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string; readonly message?: string }[]
}

export interface Crd {
  readonly kind: string
  readonly group: string
  /** of the spec, in the version that is stored */
  readonly spec: CrdSchema
}

export function skipWithoutGo(): string | false {
  return requirePart('go', hasProgram('go'))
}

/** The folder of a Go module, such as `istio.io/api@v1.30.1`. */
export async function downloadModule(module: string): Promise<string> {
  const { stdout } = await runProgram('go', ['mod', 'download', '-json', module])
  return (JSON.parse(stdout) as { Dir: string }).Dir
}

/** Every CRD of a module's YAML files in a folder, by `KIND.GROUP`. */
export async function readCrds(module: string, folder: string): Promise<Map<string, Crd>> {
  const path = join(await downloadModule(module), folder)
  const crds = new Map<string, Crd>()
  for (const file of (await readdir(path)).filter((name) => name.endsWith('.yaml')))
    for (const document of parseAllDocuments(await readFile(join(path, file), 'utf8'))) {
      const crd = document.toJS() as Definition | null
      if (crd?.kind !== 'CustomResourceDefinition') continue
      const { group, names, versions } = crd.spec
      const stored = versions.find(({ storage }) => storage)!
      const spec = stored.schema.openAPIV3Schema.properties?.['spec']
      if (spec) crds.set(`${names.kind}.${group}`, { kind: names.kind, group, spec })
    }
  return crds
}

interface Definition {
  readonly kind: string
  readonly spec: {
    readonly group: string
    readonly names: { readonly kind: string }
    readonly versions: readonly {
      readonly storage: boolean
      readonly schema: { readonly openAPIV3Schema: CrdSchema }
    }[]
  }
}
