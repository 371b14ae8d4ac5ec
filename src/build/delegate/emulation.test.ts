import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { formatPlatform, parsePlatform } from '../../oci/index.ts'
import { temporaryFolder } from '../../../test/support/temporary-folder.ts'
import { emulatedPlatforms, runsHere } from './emulation.ts'

test('enabled handlers of QEMU count, others do not', async () => {
  await using folder = await temporaryFolder()
  await writeFile(folder.join('qemu-aarch64'), 'enabled\ninterpreter /usr/bin/qemu-aarch64-static\n')
  await writeFile(folder.join('qemu-s390x'), 'disabled\n')
  await writeFile(folder.join('python3.11'), 'enabled\n')
  await writeFile(folder.join('status'), 'enabled\n')
  assert.deepEqual(emulatedPlatforms(folder.path).map(formatPlatform), ['linux/arm64'])
})

test('a machine without binfmt_misc emulates nothing', () => {
  assert.deepEqual(emulatedPlatforms('/nowhere'), [])
})

test('a machine runs its own platform, what its processor also does, and what is emulated', () => {
  const amd64 = parsePlatform('linux/amd64')
  const runs = (platform: string, emulated: string[] = []) =>
    runsHere(parsePlatform(platform), amd64, emulated.map(parsePlatform))
  assert.ok(runs('linux/amd64'))
  assert.ok(runs('linux/386'))
  assert.ok(!runs('linux/arm64'))
  assert.ok(runs('linux/arm64', ['linux/arm64']))
  assert.ok(!runs('linux/arm/v7', ['linux/arm64']))
})
