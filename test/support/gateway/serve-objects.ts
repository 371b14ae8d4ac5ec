/** YAML of objects served by the data plane: translation and traffic together. */
import type { TestContext } from 'node:test'
import { compile } from '../../../src/gateway/translate/compile.ts'
import type { Diagnostic } from '../../../src/gateway/objects/diagnostic.ts'
import { createDataPlane } from '../../../src/gateway/proxy/create-data-plane.ts'
import type { Resolve } from '../../../src/gateway/proxy/cluster/name-watch.ts'
import { objectSet } from '../kube-objects.ts'
import { translateOptions, type TranslateFiles } from '../translate-istio.ts'

export interface ServedObjects {
  readonly diagnostics: readonly Diagnostic[]
}

export interface ServeOptions extends TranslateFiles {
  readonly ingressPorts?: { readonly http: number; readonly https: number }
  /** looks up names; default: as the system does */
  readonly resolve?: Resolve
}

export async function serveObjects(
  t: TestContext,
  yaml: string,
  options: ServeOptions = {},
): Promise<ServedObjects> {
  const { ingressPorts, resolve, ...files } = options
  const own = { ...translateOptions(files), ...(ingressPorts && { ingressPorts }) }
  const { snapshot, diagnostics } = compile({ objects: objectSet(yaml), options: own })
  const plane = createDataPlane(resolve ? { resolve } : {})
  t.after(() => plane.drain(0))
  const failed = (await plane.apply(snapshot)).filter(({ bound }) => !bound)
  if (failed.length > 0) throw new Error(failed.map(({ problem }) => problem).join('\n'))
  return { diagnostics }
}
