import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { openPlan } from './remembered-plan.ts'

const own =
  'hubs: [example.com/a]\ntags: [dev]\nimages:\n  - { name: web, dockerfile: Dockerfile, context: . }\n'
const istio = 'images:\n  - { name: web, dockerfile: Dockerfile, targets: ["${TARGET_OUT_LINUX}/web"] }\n'

/** Reads the file twice: what was kept after the first, and how often the second found something. */
async function twice(name: string, text: string) {
  await using folder = await temporaryFolder()
  await writeFile(join(folder.path, name), text)
  const kept = new Map<string, string>()
  let found = 0
  const memos = {
    read: (key: string) => {
      const value = kept.get(key)
      if (value !== undefined) found++
      return value
    },
    write: (key: string, value: string) => void kept.set(key, value),
  }
  const options = { files: [name], directory: folder.path, env: { A: '1' } }
  const plans = [await openPlan(options, memos), await openPlan(options, memos)]
  return { plans, kept: kept.size, found }
}

for (const name of ['slipway.yaml', 'release.yml', 'all-images.yaml']) {
  test(`a plan of our own format is remembered: ${name}`, async () => {
    const { plans, kept, found } = await twice(name, own)
    assert.deepEqual({ kept, found }, { kept: 1, found: 1 })
    assert.deepEqual(plans[1], plans[0])
  })
}

test('a plan of another format is not', async () => {
  const { kept, found } = await twice('docker.yaml', istio)
  assert.deepEqual({ kept, found }, { kept: 0, found: 0 })
})
