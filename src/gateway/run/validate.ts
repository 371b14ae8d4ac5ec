/** Everything that can be said of files without serving them. */
import { readConfigFiles } from '../objects/config-files.ts'
import type { Diagnostic } from '../objects/diagnostic.ts'
import { newObjectStore } from '../objects/object-store.ts'
import { compile } from '../translate/compile.ts'
import { compareDiagnostics } from './diagnostic-order.ts'
import type { GatewayOptions } from './gateway.ts'
import { newNamedFiles } from './named-files.ts'

export interface Validation {
  readonly diagnostics: readonly Diagnostic[]
  readonly files: number
  readonly objects: number
}

/** @throws Failure GATEWAY_CONFIG when a path cannot be read */
export async function validateConfig({
  config,
  standardInput,
  namespace,
  strict,
  translate,
}: Pick<
  GatewayOptions,
  'config' | 'standardInput' | 'namespace' | 'strict' | 'translate'
>): Promise<Validation> {
  const files = await readConfigFiles(config, { standardInput })
  const store = newObjectStore({ namespace, strict, ages: new Map(), now: Date.now })
  const { objects, all, diagnostics } = await store.load(files)
  const compiled = compile({ objects, options: { ...translate, readFile: newNamedFiles().read } })
  return {
    diagnostics: [...diagnostics, ...compiled.diagnostics].toSorted(compareDiagnostics),
    files: files.files.length,
    objects: all.length,
  }
}
