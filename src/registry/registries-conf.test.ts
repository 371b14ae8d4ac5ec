import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../test/support/temporary-folder.ts'
import { containersConf } from './registries-conf.ts'

const rule = (prefix: string, location: string) =>
  `[[registry]]\nprefix = "${prefix}"\nlocation = "${location}"\n`

async function read(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  await using folder = await temporaryFolder()
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(folder.join(name)), { recursive: true })
    await writeFile(folder.join(name), text)
  }
  const own = Object.entries(env).map(([key, value]) => [key, value.replace('HOME', folder.path)])
  return await containersConf({
    env: { HOME: folder.path, ...Object.fromEntries(own) },
    system: folder.join('etc'),
  })()
}

async function locations(...args: Parameters<typeof read>) {
  const { rules } = await read(...args)
  return Object.fromEntries(rules.map(({ prefix, location }) => [prefix, location]))
}

test('no file means no rules', async () => {
  assert.deepEqual(await locations({}), {})
})

test('the file of the user stands in place of the one of the machine', async () => {
  const files = {
    'etc/registries.conf': rule('a', 'machine') + rule('b', 'machine'),
    '.config/containers/registries.conf': rule('a', 'user'),
  }
  assert.deepEqual(await locations(files), { a: 'user' })
})

test('drop-in files come after, in the order of their names, those of the user last', async () => {
  const files = {
    'etc/registries.conf': rule('a', 'main') + rule('b', 'main'),
    'etc/registries.conf.d/20.conf': rule('a', 'twenty'),
    'etc/registries.conf.d/10.conf': rule('a', 'ten') + rule('c', 'ten'),
    'etc/registries.conf.d/ignored.txt': rule('a', 'ignored'),
    '.config/containers/registries.conf.d/01.conf': rule('c', 'user'),
  }
  assert.deepEqual(await locations(files), { a: 'twenty', b: 'main', c: 'user' })
})

test('a named file stands alone, and must be there', async () => {
  const files = { 'etc/registries.conf': rule('a', 'machine'), 'own.conf': rule('b', 'own') }
  const env = { CONTAINERS_REGISTRIES_CONF: 'HOME/own.conf' }
  assert.deepEqual(await locations(files, env), { b: 'own' })
  await assert.rejects(locations({}, env), {
    code: 'REGISTRY_CONFIG',
    message: /^there is no file .*own\.conf/,
  })
})

test('a file of comments is a file', async () => {
  const files = { 'etc/registries.conf': rule('a', 'machine'), 'own.conf': '# nothing\n' }
  assert.deepEqual(await locations(files, { CONTAINERS_REGISTRIES_CONF: 'HOME/own.conf' }), {})
  assert.deepEqual(await locations({ ...files, '.config/containers/registries.conf': '# nothing\n' }), {})
})

test('helpers of logins are those of the last file that names any, else the files of logins', async () => {
  const helpers = async (files: Readonly<Record<string, string>>) => (await read(files)).credentialHelpers
  assert.deepEqual(await helpers({}), ['containers-auth.json'])
  assert.deepEqual(await helpers({ 'etc/registries.conf': 'credential-helpers = []\n' }), [
    'containers-auth.json',
  ])
  const files = {
    'etc/registries.conf': 'credential-helpers = ["one"]\n',
    'etc/registries.conf.d/1.conf': 'credential-helpers = ["two", "containers-auth.json"]\n',
    'etc/registries.conf.d/2.conf': rule('a', 'b'),
  }
  assert.deepEqual(await helpers(files), ['two', 'containers-auth.json'])
  await assert.rejects(helpers({ 'etc/registries.conf': 'credential-helpers = "one"\n' }), {
    code: 'REGISTRY_CONFIG',
    message: /credential-helpers is no list of names/,
  })
})
