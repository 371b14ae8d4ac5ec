import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isPackageRoot, parseNpmPackage } from './npm-package.ts'
import { knownFile } from './known-files.ts'
import { parseOsRelease } from './os-release.ts'
import { parseApkInstalled, parseDpkgStatus } from './stanzas.ts'

test('dpkg: installed packages with their sources; what is removed or half there is left out', () => {
  const status = `Package: libc6
Status: install ok installed
Maintainer: GNU Libc Maintainers <glibc@example.org>
Architecture: amd64
Source: glibc
Version: 2.36-9+deb12u3
Description: GNU C Library
 continued: not a field
 Version: nor this

Package: gone
Status: deinstall ok config-files
Version: 1

Package: libgcc-s1
Status: install ok installed
Architecture: amd64
Source: gcc-12 (12.2.0-14)
Version: 12.2.0-14+b1

Package: halfway
Status: install ok half-installed
Version: 2
`
  assert.deepEqual(parseDpkgStatus(status), [
    {
      name: 'libc6',
      version: '2.36-9+deb12u3',
      architecture: 'amd64',
      source: { name: 'glibc', version: '2.36-9+deb12u3' },
      maintainer: 'GNU Libc Maintainers <glibc@example.org>',
    },
    {
      name: 'libgcc-s1',
      version: '12.2.0-14+b1',
      architecture: 'amd64',
      source: { name: 'gcc-12', version: '12.2.0-14' },
    },
  ])
})

test('dpkg: a file of status.d has no Status, and may have the line ends of another system', () => {
  assert.deepEqual(parseDpkgStatus('Package: tzdata\r\nVersion: 2024a-0\r\nArchitecture: all\r\n'), [
    { name: 'tzdata', version: '2024a-0', architecture: 'all' },
  ])
})

test('apk', () => {
  const installed = `C:Q1=
P:musl
V:1.2.5-r0
A:x86_64
L:MIT
o:musl
m:Natanael Copa <n@example.org>

P:ssl_client
V:1.36.1-r29
A:x86_64
L:GPL-2.0-only
o:busybox

F:etc
`
  assert.deepEqual(parseApkInstalled(installed), [
    {
      name: 'musl',
      version: '1.2.5-r0',
      architecture: 'x86_64',
      license: 'MIT',
      maintainer: 'Natanael Copa <n@example.org>',
    },
    {
      name: 'ssl_client',
      version: '1.36.1-r29',
      architecture: 'x86_64',
      source: { name: 'busybox', version: '1.36.1-r29' },
      license: 'GPL-2.0-only',
    },
  ])
})

test('npm: the package.json at the root of an installed package', () => {
  const roots = ['node_modules/a/package.json', 'app/node_modules/@s/a/node_modules/b/package.json']
  const others = [
    'package.json',
    'node_modules/a/dist/package.json',
    'node_modules/@s/package.json',
    'node_modules/.bin/package.json',
    'my_node_modules/a/package.json',
  ]
  assert.deepEqual(roots.map(isPackageRoot), [true, true])
  assert.deepEqual(others.map(isPackageRoot), [false, false, false, false, false])
})

test('npm: names, versions and licenses of all ages', () => {
  const of = (document: unknown) => parseNpmPackage(JSON.stringify(document))
  const found = { kind: 'npm', name: '@s/a', version: '1.0.0' }
  assert.deepEqual(of({ name: '@s/a', version: '1.0.0' }), found)
  assert.deepEqual(of({ name: '@s/a', version: '1.0.0', license: 'MIT' }), { ...found, license: 'MIT' })
  assert.deepEqual(of({ name: '@s/a', version: '1.0.0', license: { type: 'MIT' } }), {
    ...found,
    license: 'MIT',
  })
  assert.deepEqual(of({ name: '@s/a', version: '1.0.0', licenses: [{ type: 'MIT' }, { type: 'ISC' }] }), {
    ...found,
    license: '(MIT OR ISC)',
  })
  const unread = (why: string) => ({ kind: 'unread', why })
  for (const document of [{}, { name: 'a' }, { name: 'a/b/c', version: '1' }, { name: 1, version: 2 }])
    assert.deepEqual(of(document), unread('it has no name and version'))
  assert.deepEqual(parseNpmPackage('{'), unread('it is no JSON'))
  assert.deepEqual(of([]), unread('it is no JSON object'))
})

test('os-release: quotes and escapes', () => {
  assert.deepEqual(parseOsRelease('# x\nID=debian\nVERSION_ID="12"\nPRETTY_NAME="A \\"B\\" 12"\n'), {
    id: 'debian',
    versionId: '12',
    prettyName: 'A "B" 12',
  })
  assert.deepEqual(parseOsRelease("ID='arch'\n"), { id: 'arch' })
  assert.equal(parseOsRelease('NAME=x\n'), undefined)
  assert.equal(parseOsRelease('ID="../x"\n'), undefined)
})

test('which files are read by their path', () => {
  const known = [
    'var/lib/dpkg/status',
    'var/lib/dpkg/status.d/base-files',
    'lib/apk/db/installed',
    'usr/lib/apk/db/installed',
    'etc/os-release',
    'usr/lib/os-release',
    'var/lib/rpm/Packages',
    'usr/lib/sysimage/rpm/rpmdb.sqlite',
  ]
  for (const path of known) assert.ok(knownFile(path), path)
  for (const path of ['var/lib/dpkg/status.d/base.md5sums', 'x/etc/os-release', 'var/lib/dpkg/status-old'])
    assert.equal(knownFile(path), undefined, path)
})

test('no text makes a parser throw', () => {
  const line = fc.oneof(
    fc.constantFrom(
      'Package: a',
      'Version: 1',
      'Status: x',
      'P:a',
      'V:1',
      '',
      'ID=x',
      'Source: a (',
      '{"name"',
    ),
    fc.string(),
  )
  const texts = fc.array(line, { maxLength: 30 }).map((lines) => lines.join('\n'))
  fc.assert(
    fc.property(fc.oneof(texts, fc.json()), (text) => {
      for (const { read } of [
        'node_modules/a/package.json',
        'var/lib/dpkg/status',
        'lib/apk/db/installed',
        'etc/os-release',
      ].map((path) => knownFile(path)!))
        assert.equal(typeof read(text).kind, 'string')
    }),
    { numRuns: 500 },
  )
})
