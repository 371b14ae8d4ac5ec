/** The suite is whole: every official test is run once, or skipped with a reason; and the page says so. */
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { supportedFeatures } from '../../../src/gateway/translate/gateway-api/features.ts'
import { officialTests, skippedTests, type Level } from './catalog.ts'
import { caseNames, conformancePage } from './page.ts'

const here = import.meta.dirname

test('the catalogue has all 162 official tests of v1.6', () => {
  const count = (level: Level) => officialTests.filter((official) => official.level === level).length
  assert.deepEqual(
    {
      core: count('core'),
      extended: count('extended'),
      provisional: count('provisional'),
      mesh: count('mesh'),
    },
    { core: 53, extended: 59, provisional: 27, mesh: 23 },
  )
  assert.equal(new Set(officialTests.map(({ name }) => name)).size, 162)
})

test('every official test is run exactly once, or skipped with a reason', () => {
  const names = caseNames()
  assert.equal(new Set(names).size, names.length, 'no case is there twice')
  const official = officialTests.map(({ name }) => name)
  const wanted = official.filter((name) => !skippedTests.has(name))
  assert.deepEqual(names.toSorted(), wanted.toSorted())
  for (const [name, reason] of skippedTests) {
    assert.ok(official.includes(name), `${name} is an official test`)
    assert.ok(reason.length > 20, `${name} is skipped for a reason`)
  }
})

test('every file of cases has a test file that runs it', async () => {
  const files = await readdir(here)
  const texts = await Promise.all(
    files.filter((file) => file.endsWith('.test.ts')).map((file) => readFile(resolve(here, file), 'utf8')),
  )
  for (const file of await readdir(resolve(here, 'cases'))) {
    assert.ok(
      texts.some((text) => text.includes(`'./cases/${file}'`)),
      `${file} is run`,
    )
  }
})

test('a claimed feature has tests, and a test that is run has its features claimed', () => {
  const run = officialTests.filter(({ name }) => !skippedTests.has(name))
  const tested = new Set(run.flatMap(({ features }) => features))
  assert.deepEqual(
    [...tested].filter((feature) => !supportedFeatures.includes(feature)),
    [],
  )
  assert.deepEqual(
    supportedFeatures.filter((feature) => feature !== 'Gateway' && !tested.has(feature)),
    [],
  )
  assert.deepEqual(supportedFeatures, supportedFeatures.toSorted())
})

test('docs/gateway-conformance.md is up to date', async () => {
  const page = await readFile(resolve(here, '../../../docs/gateway-conformance.md'), 'utf8')
  assert.equal(page, conformancePage(), 'run node scripts/gateway-conformance.ts')
})
