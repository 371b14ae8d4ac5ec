/** What a host takes, as the command line learns it, keeps it, and gets over it when it has become wrong. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { suite, test } from 'node:test'
import { dialects } from '../support/registry-faults/dialects.ts'
import { startFaultRegistry } from '../support/registry-faults/server.ts'
import { slipwayOk } from '../support/slipway.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

suite('habits of hosts', { timeout: 120_000 }, () => {
  test('a second run sends at once what the first one had to find out, and a broken note costs no more than none', async () => {
    await using folder = await temporaryFolder()
    const { dialect } = dialects.proxy
    const server = await startFaultRegistry(dialect)
    const note = folder.join('cache', 'hosts-1', `${encodeURIComponent(server.host)}.json`)
    await writeFile(folder.join('Dockerfile'), 'FROM scratch\nCOPY content /content\n')
    /** Pushes new content and returns how many bodies were refused for their size. */
    const push = async () => {
      const before = server.requests.length
      await writeFile(folder.join('content'), randomBytes(3_500_000))
      const args = ['build', '-t', `${server.host}/acme/api:1`, '--push', '.']
      await slipwayOk(args, { cwd: folder.path, home: folder.path })
      return server.requests.slice(before).filter(({ status }) => status === 413).length
    }
    try {
      assert.ok((await push()) > 0)
      const { version, largestBody, chunks } = JSON.parse(await readFile(note, 'utf8')) as Record<
        string,
        unknown
      >
      assert.deepEqual({ version, largestBody, chunks }, { version: 1, largestBody: 1 << 20, chunks: true })
      assert.equal(await push(), 0)
      await writeFile(note, '{"version":1,"learnedAt":')
      assert.ok((await push()) > 0)
      assert.deepEqual(await readdir(folder.join('cache', 'hosts-1')), [
        `${encodeURIComponent(server.host)}.json`,
      ])
      assert.equal(await push(), 0)
    } finally {
      await server.stop()
    }
  })
})
