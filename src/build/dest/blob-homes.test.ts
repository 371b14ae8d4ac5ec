import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { sha256 } from '../../oci/index.ts'
import { newBlobHomes } from './blob-homes.ts'

const [one, two] = ['one', 'two'].map((text) => sha256(Buffer.from(text))) as [
  ReturnType<typeof sha256>,
  ReturnType<typeof sha256>,
]
const api = { registry: 'r.test', repository: 'acme/api' }
const web = { registry: 'r.test', repository: 'acme/web' }

suite('homes of blobs', () => {
  test('a repository holds what was noted for it, and serves others of its registry only', async () => {
    const homes = newBlobHomes()
    homes.note(api, [one])
    homes.note(web, [one])
    assert.deepEqual(
      [homes.holds(api, one), homes.holds(web, one), homes.holds(api, two)],
      [true, true, false],
    )
    assert.equal(await homes.find('r.test', one), 'acme/api')
    assert.equal(homes.find('r.test', two), undefined)
    assert.equal(homes.find('other.test', one), undefined)
  })

  test('a blob that is on its way has a home when it has arrived, and none when it did not', async () => {
    const homes = newBlobHomes()
    homes.expect(api, one, Promise.resolve())
    assert.equal(await homes.find('r.test', one), 'acme/api')
    homes.expect(api, two, Promise.reject(new Error('cut off')))
    await assert.rejects(homes.find('r.test', two)!, /cut off/)
    assert.equal(homes.find('r.test', two), undefined)
  })
})
