import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test, type TestContext } from 'node:test'
import { serve } from '../../test/support/serve-http.ts'
import { bytesBlob, encodeJson, mediaTypes, sha256, type Descriptor } from '../oci/index.ts'
import type { NewReferrer } from './referrers.ts'
import { openRegistry, type Registry } from './registry.ts'

const subject = sha256('an image')
const tag = `sha256-${subject.slice('sha256:'.length)}`

function referrer(text: string): NewReferrer {
  const bytes = encodeJson({ schemaVersion: 2, mediaType: mediaTypes.manifest, text })
  const { descriptor } = bytesBlob(mediaTypes.manifest, bytes)
  return { subject, manifest: { mediaType: mediaTypes.manifest, bytes }, descriptor }
}

interface Old {
  readonly registry: Registry
  readonly manifests: Map<string, Buffer>
  readonly asked: string[]
  /** runs before the next writing of the tag is done */
  beforeTag?: (() => void) | undefined
}

/** A registry that keeps manifests by name and no lists of referrers. */
async function oldRegistry(t: TestContext): Promise<Old> {
  const manifests = new Map<string, Buffer>()
  const asked: string[] = []
  const { url } = await serve(t, async (request: IncomingMessage, response: ServerResponse) => {
    const name = request.url?.split('/').at(-1) ?? ''
    asked.push(`${request.method} ${request.url?.split('/').at(-2)}`)
    const bytes = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>))
    if (request.method === 'PUT') {
      if (name === tag) {
        old.beforeTag?.()
        old.beforeTag = undefined
      }
      manifests.set(name, bytes)
      response.writeHead(201).end()
      return
    }
    const found = request.url?.includes('/manifests/') === true ? manifests.get(name) : undefined
    const type = found?.includes('"manifests"') === true ? mediaTypes.index : mediaTypes.manifest
    if (found) response.writeHead(200, { 'content-type': type }).end(found)
    else response.writeHead(404).end()
  })
  const registry = openRegistry(new URL(url).host)
  t.after(() => registry.close())
  const old: Old = { registry, manifests, asked }
  return old
}

const digestsOf = (list: readonly Descriptor[]) => list.map(({ digest }) => digest)

test('without lists of the registry, referrers are listed under the tag of the specification', async (t) => {
  const { registry, manifests, asked } = await oldRegistry(t)
  assert.deepEqual(await registry.listReferrers('a', subject), [])
  const [one, two] = [referrer('one'), referrer('two')]
  await Promise.all([registry.pushReferrer('a', one), registry.pushReferrer('a', two)])
  assert.deepEqual(
    digestsOf(await registry.listReferrers('a', subject)).toSorted(),
    [one.descriptor.digest, two.descriptor.digest].toSorted(),
  )
  const index = JSON.parse(manifests.get(tag)!.toString()) as { mediaType: string; schemaVersion: number }
  assert.deepEqual([index.mediaType, index.schemaVersion], [mediaTypes.index, 2])
  // once it is known, the registry is not asked for its list again
  assert.equal(asked.filter((what) => what === 'GET referrers').length, 1)
})

test('pushed again, nothing is written to the tag', async (t) => {
  const { registry, asked } = await oldRegistry(t)
  await registry.pushReferrer('a', referrer('one'))
  const before = asked.length
  await registry.pushReferrer('a', referrer('one'))
  assert.deepEqual(asked.slice(before), ['PUT manifests', 'GET manifests'])
})

test('an update that another client overwrote is made again', async (t) => {
  const old = await oldRegistry(t)
  const [mine, theirs] = [referrer('mine'), referrer('theirs')]
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests: [theirs.descriptor] }
  old.beforeTag = () => {
    // what the other client writes arrives just after ours, from an older look at the tag
    setImmediate(() => old.manifests.set(tag, encodeJson({ ...index, annotations: { kept: 'yes' } })))
  }
  await old.registry.pushReferrer('a', mine)
  assert.deepEqual(digestsOf(await old.registry.listReferrers('a', subject)), [
    theirs.descriptor.digest,
    mine.descriptor.digest,
  ])
  assert.match(old.manifests.get(tag)!.toString(), /"annotations":\{"kept":"yes"\}/)
})

test('a tag that holds no index is not overwritten', async (t) => {
  const { registry, manifests } = await oldRegistry(t)
  const image = encodeJson({ schemaVersion: 2, mediaType: mediaTypes.manifest })
  manifests.set(tag, image)
  await assert.rejects(registry.pushReferrer('a', referrer('one')), {
    code: 'REGISTRY_REFUSED',
    message: /a:sha256-[0-9a-f]{64} is no index/,
  })
  assert.equal(manifests.get(tag), image)
})

test('lists of the registry are read page by page, and what it lists itself gets no tag', async (t) => {
  const pages = [referrer('one').descriptor, referrer('two').descriptor].map((descriptor) =>
    encodeJson({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [descriptor, { digest: 'bad' }] }),
  )
  const asked: string[] = []
  const { url } = await serve(t, (request, response) => {
    asked.push(`${request.method} ${request.url?.replace(subject, 'SUBJECT')}`)
    const isSecond = request.url?.includes('page=2') === true
    const headers = { 'content-type': mediaTypes.index }
    const link = { link: `</v2/a/referrers/${subject}?page=2>; rel="next"` }
    if (request.method === 'PUT') response.writeHead(201, { 'oci-subject': subject }).end()
    else response.writeHead(200, { ...headers, ...(!isSecond && link) }).end(pages[isSecond ? 1 : 0])
  })
  const registry = openRegistry(new URL(url).host)
  t.after(() => registry.close())
  assert.deepEqual(digestsOf(await registry.listReferrers('a', subject)), [
    referrer('one').descriptor.digest,
    referrer('two').descriptor.digest,
  ])
  assert.deepEqual(asked, ['GET /v2/a/referrers/SUBJECT', 'GET /v2/a/referrers/SUBJECT?page=2'])
  await registry.pushReferrer('a', referrer('three'))
  assert.equal(asked.length, 3)
})
