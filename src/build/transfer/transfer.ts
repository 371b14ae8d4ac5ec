/** Brings one image to several places at once; names move when everything is everywhere. */
import { all } from '../../base/index.ts'
import type { Descriptor } from '../../oci/index.ts'
import type { Destination } from '../dest/destination.ts'
import type { Emit } from '../events.ts'
import type { BuiltImage } from '../image.ts'

/** An image with the names it gets there. */
export interface Shipment {
  readonly destination: Destination
  readonly image: BuiltImage
}

export interface TransferOptions {
  /** its signal must reach sources and destinations too; the first failure aborts it */
  readonly controller: AbortController
  readonly emit: Emit
}

/** What was not there before, for each shipment. On failure or abort nothing is named. */
export async function transfer(
  shipments: readonly Shipment[],
  { controller, emit }: TransferOptions,
): Promise<readonly (readonly Descriptor[])[]> {
  const destinations = shipments.map(({ destination }) => destination)
  try {
    const added = await all(shipments, async ({ destination, image }) => {
      try {
        return await destination.stage(image)
      } catch (error) {
        controller.abort(error)
        throw error
      }
    })
    controller.signal.throwIfAborted()
    await all(destinations, async (destination) => destination.prepare?.())
    controller.signal.throwIfAborted()
    emit({ kind: 'publishing' })
    await all(destinations, (destination) => destination.commit())
    return added
  } catch (error) {
    controller.abort(error)
    await Promise.allSettled(destinations.map((destination) => destination.abandon()))
    throw error
  }
}
