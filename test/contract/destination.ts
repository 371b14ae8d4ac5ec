/**
 * What every destination promises (src/build/dest/destination.ts), told by what independent tools see of it. An
 * implementation gives its place as a `Site` and lists the promises that have no meaning there, each with its reason.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Failure, newTally, type Tally } from '../../src/base/index.ts'
import type { BuildEvent } from '../../src/build/events.ts'
import type { BuiltImage } from '../../src/build/image.ts'
import type { Destination, DestinationOptions } from '../../src/build/index.ts'
import { formatReference, type Digest } from '../../src/oci/index.ts'
import { testImage, testLayer, type TestLayer } from '../support/built-images.ts'

/** A place of its own for one file of tests. */
export interface Site {
  /** a destination there, as a run of its own opens it */
  readonly open: (options: DestinationOptions) => Promise<Destination>
  /** what a name must start with there, such as `127.0.0.1:5000/`; default: `contract.test/` */
  readonly prefix?: string
  /** names that readers see, in full, in any order */
  readonly names: () => Promise<readonly string[]>
  /** what a name leads to, as another tool tells it */
  readonly digestOf: (name: string) => Promise<string>
  /** the digest that tool will tell for an image */
  readonly expected: (image: BuiltImage) => Digest
  /** whatever else is there: images without a name, files */
  readonly others: () => Promise<readonly string[]>
  readonly close: () => Promise<void>
}

export type Promised =
  | 'keeps content' /* what is there is not sent again */
  | 'leaves nothing' /* an abandoned run leaves the place as it was */
  | 'proves content' /* content that does not fit its digest is refused */

export interface DestinationContract {
  readonly name: string
  readonly skip: string | false
  readonly start: () => Promise<Site>
  /** promises without a meaning there -> why */
  readonly exempt?: Partial<Record<Promised, string>>
}

interface Run {
  readonly destination: Destination
  readonly events: readonly BuildEvent[]
  readonly tally: Tally
}

export function destinationContract({ name, skip, start, exempt = {} }: DestinationContract): void {
  describe(`the contract of destinations: ${name}`, { skip }, () => {
    let site: Site
    let prefix: string
    let count = 0
    before(async () => {
      site = await start()
      prefix = site.prefix ?? 'contract.test/'
    })
    after(async () => site?.close())

    /** A name nobody has used yet. */
    const newName = () => `${prefix}image-${++count}:1`
    const newLayer = () => testLayer({ files: { [`file-${++count}`]: `content ${count} of ${name}` } })
    const openRun = async (signal?: AbortSignal): Promise<Run> => {
      const events: BuildEvent[] = []
      const tally = newTally()
      const emit = (event: BuildEvent) => void events.push(event)
      return { destination: await site.open({ tally, emit, signal }), events, tally }
    }
    const publish = async (images: readonly BuiltImage[]): Promise<Run> => {
      const run = await openRun()
      await Promise.all(images.map((image) => run.destination.stage(image)))
      await run.destination.prepare?.()
      await run.destination.commit()
      return run
    }
    const imageOf = (tags: readonly string[], layers: readonly TestLayer[]) =>
      testImage({ name: 'image', tags, layers })
    const assertNamed = async (image: BuiltImage) => {
      for (const reference of image.references)
        assert.equal(await site.digestOf(formatReference(reference)), site.expected(image))
    }

    test('names are seen after the commit and not before, all of them', async () => {
      const image = imageOf([newName(), newName()], [await newLayer(), await newLayer()])
      const names = image.references.map((reference) => formatReference(reference))
      const earlier = await site.names()
      const { destination, events } = await openRun()
      await destination.stage(image)
      await destination.prepare?.()
      assert.deepEqual((await site.names()).toSorted(), earlier.toSorted())
      await destination.commit()
      assert.deepEqual((await site.names()).toSorted(), [...earlier, ...names].toSorted())
      await assertNamed(image)
      const published = events.filter((event) => event.kind === 'published')
      assert.deepEqual(published.flatMap(({ references }) => references).toSorted(), names.toSorted())
    })
    test('a name moves to the image of the next run', async () => {
      const tag = newName()
      await publish([imageOf([tag], [await newLayer()])])
      const next = imageOf([tag], [await newLayer()])
      await publish([next])
      await assertNamed(next)
    })
    test('images at once share what they have in common, wherever in them it is', async () => {
      const base = await newLayer()
      const images = [
        imageOf([newName()], [base, await newLayer()]),
        imageOf([newName()], [base]),
        imageOf([newName()], [await newLayer(), base]),
      ]
      await publish(images)
      for (const image of images) await assertNamed(image)
      assert.equal(base.opened, 1, 'the shared layer was read more than once')
    })
    test(
      'an image without a change is not sent again',
      { skip: exempt['keeps content'] ?? false },
      async () => {
        const layers = [await newLayer(), await newLayer()]
        const tags = [newName()]
        await publish([imageOf(tags, layers)])
        const again = await publish([imageOf(tags, layers)])
        assert.deepEqual(
          layers.map(({ opened }) => opened),
          [1, 1],
        )
        assert.equal(
          again.tally.bytesSent + again.tally.bytesWritten < 2000,
          true,
          JSON.stringify(again.tally),
        )
        await assertNamed(imageOf(tags, layers))
      },
    )
    test(
      'of a changed image only the changed layer is sent',
      { skip: exempt['keeps content'] ?? false },
      async () => {
        const [kept, before, now] = [await newLayer(), await newLayer(), await newLayer()]
        const tags = [newName()]
        await publish([imageOf(tags, [kept, before])])
        const changed = imageOf(tags, [kept, now])
        const { events } = await publish([changed])
        assert.deepEqual([kept.opened, before.opened, now.opened], [1, 1, 1])
        await assertNamed(changed)
        const states = events.flatMap((event) => (event.kind === 'blob' ? [[event.digest, event.state]] : []))
        const stateOf = new Map(states as [string, string][])
        assert.equal(stateOf.get(kept.diffId), 'exists')
        assert.match(stateOf.get(now.diffId) ?? 'nothing', /^(?:uploaded|written)$/)
      },
    )
    test(
      'an abandoned run leaves names and place as they were',
      { skip: exempt['leaves nothing'] ?? false },
      async () => {
        const [names, others] = [await site.names(), await site.others()]
        const { destination } = await openRun()
        await destination.stage(imageOf([newName()], [await newLayer()]))
        await destination.prepare?.()
        await destination.abandon()
        assert.deepEqual((await site.names()).toSorted(), names.toSorted())
        assert.deepEqual((await site.others()).toSorted(), others.toSorted())
      },
    )
    test('an abort in the middle of a layer leaves no name, and the next run succeeds', async () => {
      const controller = new AbortController()
      const names = await site.names()
      const others = exempt['leaves nothing'] === undefined ? await site.others() : []
      const layer = await newLayer()
      const cut: TestLayer = {
        ...layer,
        blob: {
          ...layer.blob,
          async *open() {
            controller.abort()
            yield Buffer.alloc(16)
            controller.signal.throwIfAborted()
          },
        },
      }
      const tag = newName()
      const { destination } = await openRun(controller.signal)
      await assert.rejects(
        async () => {
          await destination.stage(imageOf([tag], [cut]))
          await destination.prepare?.()
        },
        { name: 'AbortError' },
      )
      await destination.abandon()
      assert.deepEqual((await site.names()).toSorted(), names.toSorted())
      if (exempt['leaves nothing'] === undefined)
        assert.deepEqual((await site.others()).toSorted(), others.toSorted())
      const image = imageOf([tag], [layer])
      await publish([image])
      await assertNamed(image)
    })
    test(
      'content that does not fit its digest is refused',
      { skip: exempt['proves content'] ?? false },
      async () => {
        const [layer, other] = [await newLayer(), await newLayer()]
        const size = layer.blob.descriptor.size
        const wrong: TestLayer = {
          ...layer,
          isProven: false,
          blob: { ...layer.blob, open: () => other.blob.open({ end: size }) },
        }
        const names = await site.names()
        const { destination } = await openRun()
        await assert.rejects(
          async () => {
            await destination.stage(imageOf([newName()], [wrong]))
            await destination.prepare?.()
          },
          (error) => error instanceof Failure,
        )
        await destination.abandon()
        assert.deepEqual((await site.names()).toSorted(), names.toSorted())
      },
    )
  })
}
