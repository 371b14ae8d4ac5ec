/** `slipway gateway dump`: what is served, word for word. */
import { askGateway } from './gateway-admin.ts'

export interface DumpFlags {
  readonly admin: string
  readonly clusters?: boolean
}

export async function dumpAction({ admin, clusters }: DumpFlags): Promise<void> {
  const value = await askGateway<unknown>(admin, clusters === true ? '/clusters' : '/config_dump')
  process.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`)
}
