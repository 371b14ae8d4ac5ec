/** The registry that a process serves while it builds and afterwards. */
import { newPin, shelfDestinations, type Emit } from '../build/index.ts'
import type { Tally } from '../base/index.ts'
import { newShelf, startRegistryServer } from '../registry/index.ts'
import { openRegistryFolder } from '../store/index.ts'
import type { Output } from './output.ts'
import { isLoopbackName } from './serve-flag.ts'

export interface Serving {
  /** as references write it, such as `127.0.0.1:5050` */
  readonly host: string
  readonly destinations: ReturnType<typeof shelfDestinations>
  readonly close: () => Promise<void>
}

export interface ServingOptions {
  readonly tally: Tally
  readonly emit: Emit
}

/** Listens from now on. @throws Failure ADDRESS_IN_USE | FILE_SYSTEM */
export async function openServing(
  { host, port, pinned }: Extract<Output, { kind: 'serve' }>,
  { tally, emit }: ServingOptions,
): Promise<Serving> {
  const folder = pinned === undefined ? undefined : await openRegistryFolder(pinned)
  try {
    const shelf = newShelf()
    const server = await startRegistryServer({ address: { host, port }, store: shelf, emit })
    const name = server.host.replace(/^(?:0\.0\.0\.0|\[::\]):/, '127.0.0.1:')
    if (!isLoopbackName(host))
      emit({ kind: 'warning', message: `everyone who reaches ${server.host} can pull the images` })
    return {
      host: name,
      destinations: shelfDestinations({ shelf, host: name, pin: folder && newPin(folder, tally) }),
      async close() {
        await server.close()
        await folder?.close()
      },
    }
  } catch (error) {
    await folder?.close()
    throw error
  }
}
