/** SBOMs, provenance and signatures in real registries and layouts, read back by oras, cosign and SPDX's own tools. */
import assert from 'node:assert/strict'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { suite, test, type TestContext } from 'node:test'
import { cosign, findGoPrograms, oras, type GoPrograms } from '../support/go-programs.ts'
import { runProgram } from '../support/program.ts'
import { writeProject } from '../support/project.ts'
import { registryKinds, type RealRegistry } from '../support/registries.ts'
import { requirePart } from '../support/require-part.ts'
import { eventsOf, slipway, slipwayOk, type SlipwayResult } from '../support/slipway.ts'
import { skipWithoutSpdxTools, validateSpdx } from '../support/spdx-tools.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const dockerfile = `FROM scratch
ARG API_TOKEN=none
COPY tsgolint /usr/bin/tsgolint
COPY app /app
COPY status /var/lib/dpkg/status
COPY os-release /etc/os-release
ENTRYPOINT ["/usr/bin/tsgolint"]
`
const program = join(
  dirname(createRequire(import.meta.url).resolve(`@oxlint-tsgolint/linux-${process.arch}/package.json`)),
  'tsgolint',
)
const platforms = ['--platform', 'linux/amd64,linux/arm64']
const documents = ['--sbom=both', '--provenance=mode=max']

async function project(): Promise<TemporaryFolder> {
  const folder = await temporaryFolder()
  await writeProject(folder.path, {
    'work/Dockerfile': dockerfile,
    'work/app/node_modules/a/package.json': '{"name":"a","version":"1.0.0","license":"MIT"}',
    'work/status': 'Package: libc6\nStatus: install ok installed\nVersion: 2.36-9\nArchitecture: amd64\n',
    'work/os-release': 'ID=debian\nVERSION_ID="12"\n',
  })
  await copyFile(program, folder.join('work/tsgolint'))
  return folder
}

function run(folder: TemporaryFolder, args: readonly string[], env: Record<string, string> = {}) {
  return slipwayOk(['build', ...args, '.'], { home: folder.join('home'), cwd: folder.join('work'), env })
}

async function skipWithout(...parts: GoPrograms[]): Promise<string | false> {
  for (const part of parts) {
    const skip = requirePart(part.name, (await findGoPrograms(part)) !== undefined)
    if (skip !== false) return skip
  }
  return false
}

async function programOf(part: GoPrograms): Promise<string> {
  return join((await findGoPrograms(part))!, part.name)
}

async function askOras(...args: readonly string[]): Promise<string> {
  return (await runProgram(await programOf(oras), args)).stdout
}

interface Discovered {
  readonly digest: string
  readonly reference: string
  readonly referrers: readonly { readonly digest: string; readonly artifactType: string }[]
}

async function discover(...args: readonly string[]): Promise<Discovered> {
  return JSON.parse(await askOras('discover', '--format', 'json', ...args)) as Discovered
}

async function askRegistry({ host }: RealRegistry, path: string): Promise<void> {
  const response = await fetch(`http://${host}/v2/${path}`, {
    headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
  })
  assert.equal(response.status, 200, path)
  assert.match(await response.text(), /tar\+gzip/)
}

/** The document of a referrer, as oras gets it. */
async function pull(folder: TemporaryFolder, reference: string): Promise<Buffer> {
  const target = folder.join(`pulled-${Math.random()}`)
  await mkdir(target)
  await askOras('pull', '--plain-http', '--output', target, reference)
  const manifest = JSON.parse(await askOras('manifest', 'fetch', '--plain-http', reference)) as {
    layers: { annotations: Record<string, string> }[]
  }
  return readFile(join(target, manifest.layers[0]!.annotations['org.opencontainers.image.title']!))
}

const types = ['application/spdx+json', 'application/vnd.cyclonedx+json', 'application/vnd.in-toto+json']

for (const kind of registryKinds) {
  suite(`supply chain: ${kind.name}`, { timeout: 300_000 }, () => {
    const started = async (t: TestContext): Promise<{ folder: TemporaryFolder; registry: RealRegistry }> => {
      const [folder, registry] = await Promise.all([project(), kind.start()])
      t.after(async () => {
        await registry[Symbol.asyncDispose]()
        await folder.remove()
      })
      return { folder, registry }
    }

    test('documents stand beside each platform, and a second run sends nothing', async (t) => {
      const skip = (await kind.skip()) || (await skipWithout(oras))
      if (skip !== false) return t.skip(skip)
      const { folder, registry } = await started(t)
      const name = `${registry.host}/team/app`
      const args = ['--push', '-t', `${name}:1`, ...platforms, ...documents, '--build-arg', 'API_TOKEN=hush']
      const first = await run(folder, args)
      assert.deepEqual(stateCounts(first), { pushed: 6 })
      const spdx: string[] = []
      for (const platform of ['linux/amd64', 'linux/arm64']) {
        const { digest, referrers } = await discover('--plain-http', '--platform', platform, `${name}:1`)
        assert.deepEqual(referrers.map(({ artifactType }) => artifactType).toSorted(), types)
        const of = (type: string) => referrers.find(({ artifactType }) => artifactType === type)!.digest
        const statement = JSON.parse(String(await pull(folder, `${name}@${of(types[2]!)}`))) as {
          subject: { digest: { sha256: string } }[]
          predicate: { buildDefinition: { externalParameters: unknown; resolvedDependencies: unknown[] } }
        }
        assert.equal(`sha256:${statement.subject[0]?.digest.sha256}`, digest)
        assert.deepEqual(statement.predicate.buildDefinition.externalParameters, {
          image: 'work',
          platform,
          dockerfile: 'Dockerfile',
          args: { API_TOKEN: '***' },
        })
        spdx.push(String(await pull(folder, `${name}@${of(types[0]!)}`)))
      }
      for (const text of spdx)
        for (const url of ['pkg:npm/a@1.0.0', 'pkg:deb/debian/libc6@2.36-9?arch=amd64', 'pkg:golang/stdlib@'])
          assert.ok(text.includes(url), url)
      await t.test('SPDX is valid', { skip: await skipWithoutSpdxTools() }, () => validateSpdx(spdx[0]!))

      const second = await run(folder, args)
      assert.deepEqual(stateCounts(second), { exists: 6 })
      assert.deepEqual(eventsOf(second, 'blob'), [])
      const tally = eventsOf(second, 'finished')[0]!['tally'] as { requests: Record<string, number> }
      assert.deepEqual(
        Object.keys(tally.requests).filter((purpose) => /^(PUT|POST|PATCH)/.test(purpose)),
        [],
      )
    })

    test('an image is signed before its name is there, and once', async (t) => {
      const skip = (await kind.skip()) || (await skipWithout(cosign))
      if (skip !== false) return t.skip(skip)
      const { folder, registry } = await started(t)
      const tool = await programOf(cosign)
      const env = {
        COSIGN_PASSWORD: 'test',
        COSIGN_TLOG_UPLOAD: 'false',
        COSIGN_USE_SIGNING_CONFIG: 'false',
        PATH: `${dirname(tool)}:${process.env['PATH']}`,
      }
      await runProgram(tool, ['generate-key-pair'], { cwd: folder.path, env })
      const reference = `${registry.host}/team/app:1`
      const compressed = ['--compression', 'gzip', '--sbom']
      const args = [
        '--push',
        '-t',
        reference,
        ...platforms,
        ...compressed,
        '--sign-key',
        folder.join('cosign.key'),
      ]
      const first = await run(folder, args, env)
      const order = first.events
        .map(({ kind: what }) => what)
        .filter((what) => what === 'command-finished' || what === 'published')
      assert.deepEqual(order, ['command-finished', 'published'])
      const verify = ['verify', '--key', folder.join('cosign.pub'), '--insecure-ignore-tlog=true']
      const { stdout } = await runProgram(tool, [...verify, reference], { env })
      assert.match(stdout, /cosign\/sign/)
      // documents are about the manifests that are there, whose layers are compressed
      const subjects = new Set(eventsOf(first, 'referrer').map(({ subject }) => subject))
      assert.equal(subjects.size, 2)
      for (const digest of subjects) await askRegistry(registry, `team/app/manifests/${String(digest)}`)
      const second = await run(folder, args, env)
      assert.deepEqual(eventsOf(second, 'command-started'), [])

      const other = `${registry.host}/team/other:1`
      const unsigned = await slipway(
        ['build', '--push', '-t', other, '--sign-key', folder.join('absent.key'), '.'],
        { home: folder.join('home'), cwd: folder.join('work'), env },
      )
      assert.equal(unsigned.status, 1)
      assert.match(unsigned.stderr, /cosign sign failed: exit status 1; no name was moved/)
      assert.match(unsigned.stderr, /absent\.key/)
      await assert.rejects(
        runProgram(tool, [...verify, other], { env }),
        /MANIFEST_UNKNOWN|NAME_UNKNOWN|not found/,
      )
    })
  })
}

const bakeFile = `
target "one" {
  tags = ["example.org/one:1"]
  attest = ["type=sbom,generator=docker/scanner", "type=provenance,mode=max"]
  dockerfile-inline = "FROM scratch\\nCOPY status /\\n"
}
target "two" {
  tags = ["example.org/two:1"]
  dockerfile-inline = "FROM scratch\\nCOPY os-release /\\n"
}
group "default" { targets = ["one", "two"] }
`

suite('supply chain', { timeout: 120_000 }, () => {
  test('a layout keeps documents as manifests of its index', async (t) => {
    const skip = await skipWithout(oras)
    if (skip !== false) return t.skip(skip)
    await using folder = await project()
    const args = ['-o', `type=oci,dest=${folder.join('layout')}`, '-t', 'app:1', ...documents]
    const result = await run(folder, args)
    const [image] = imagesOf(result)
    const { referrers } = await discover('--oci-layout', `${folder.join('layout')}@${image}`)
    assert.deepEqual(referrers.map(({ artifactType }) => artifactType).toSorted(), types)
    const before = await readFile(folder.join('layout/index.json'), 'utf8')
    const again = await run(folder, args)
    assert.deepEqual(
      eventsOf(again, 'blob').filter(({ state }) => state === 'written'),
      [],
    )
    assert.equal(await readFile(folder.join('layout/index.json'), 'utf8'), before)
    assert.deepEqual(eventsOf(again, 'published')[0]?.['references'], ['docker.io/library/app:1'])
  })

  test('packages of a base count, unless a layer above removes them; provenance names the base', async (t) => {
    const [kind] = registryKinds
    const skip = await kind!.skip()
    if (skip !== false) return t.skip(skip)
    await using registry = await kind!.start()
    await using folder = await project()
    const base = `${registry.host}/team/base:1`
    const pushed = await run(folder, ['--push', '-t', base])
    await writeProject(folder.path, {
      'work/Top': `FROM ${base}\nCOPY status /var/lib/dpkg/status\n`,
      'work/status': 'Package: newer\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n',
    })
    const layout = folder.join('layout')
    // another machine, which has never seen the layers of the base
    await slipwayOk(
      ['build', '-f', 'Top', '-o', `type=oci,dest=${layout}`, '-t', 'app:1', '--sbom', '--provenance', '.'],
      { home: folder.join('other'), cwd: folder.join('work') },
    )
    const [sbom = '', provenance = ''] = await documentsOf(layout)
    for (const url of [
      'pkg:deb/debian/newer@1',
      'pkg:npm/a@1.0.0',
      'pkg:golang/stdlib@',
      'pkg:golang/golang.org/x/sys@',
    ])
      assert.ok(sbom.includes(url), url)
    assert.ok(!sbom.includes('libc6'))
    const [digest] = imagesOf(pushed)
    assert.ok(provenance.includes(`"digest":{"sha256":"${digest!.slice('sha256:'.length)}"}`))
    assert.match(provenance, /"uri":"pkg:docker\/127\.0\.0\.1%3A\d+\/team\/base@1\?platform=linux%2F\w+"/)
  })

  test('equal images on two machines have equal documents', async () => {
    const indexes = []
    for (let machine = 0; machine < 2; machine++) {
      await using folder = await project()
      await run(folder, ['-o', `type=oci,dest=${folder.join('layout')}`, '-t', 'app:1', ...documents])
      indexes.push(await readFile(folder.join('layout/index.json'), 'utf8'))
    }
    assert.equal(indexes[0], indexes[1])
  })

  test('a bake file asks for documents about some of its images', async () => {
    await using folder = await project()
    await writeProject(folder.path, { 'work/docker-bake.hcl': bakeFile })
    const layout = folder.join('layout')
    const options = { home: folder.join('home'), cwd: folder.join('work') }
    const result = await slipwayOk(['bake', '-o', `type=oci,dest=${layout}`], options)
    const [sbom = '', provenance = '', ...others] = await documentsOf(layout)
    assert.deepEqual(others, [])
    assert.match(sbom, /"name":"one linux/)
    assert.match(provenance, /"dockerfile":"inline".*"name":"status"/)
    const warnings = eventsOf(result, 'warning').map(({ message }) => message)
    assert.ok(warnings.includes('"generator" of attest of "one" is not used'), warnings.join('\n'))

    const none = folder.join('none')
    const off = ['--sbom=false', '--provenance=false']
    await slipwayOk(['bake', '-o', `type=oci,dest=${none}`, ...off], options)
    assert.deepEqual(await documentsOf(none), [])
  })

  test('provenance names the commit, and says when files were changed since', async () => {
    await using folder = await project()
    const git = async (...args: string[]) =>
      (
        await runProgram('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.org', ...args], {
          cwd: folder.join('work'),
        })
      ).stdout.trim()
    await git('init', '--quiet', '--initial-branch=main')
    await git('remote', 'add', 'origin', 'https://user:secret@example.org/acme/app.git')
    await git('add', '.')
    await git('commit', '--quiet', '-m', 'x')
    const commit = await git('rev-parse', 'HEAD')
    const source = {
      uri: 'git+https://example.org/acme/app',
      digest: { gitCommit: commit },
    }
    assert.deepEqual(await firstMaterial(folder, 'clean'), source)
    await writeFile(folder.join('work/os-release'), 'ID=debian\n')
    assert.deepEqual(await firstMaterial(folder, 'changed'), { ...source, annotations: { modified: true } })
  })

  test('without cosign nothing is built', async () => {
    await using folder = await project()
    const result = await slipway(['build', '--push', '-t', '127.0.0.1:1/a', '--sign', '.'], {
      home: folder.join('home'),
      cwd: folder.join('work'),
      env: { PATH: '/usr/bin:/bin' },
    })
    assert.equal(result.status, 1)
    assert.match(result.stderr, /images cannot be signed: there is no program cosign/)
    assert.doesNotMatch(result.stderr, /linux\/amd64/)
  })
})

function stateCounts(result: SlipwayResult): Record<string, number> {
  const states = eventsOf(result, 'referrer').map(({ state }) => String(state))
  return Object.fromEntries(
    Object.entries(Object.groupBy(states, (state) => state)).map(([state, all]) => [state, all!.length]),
  )
}

function imagesOf(result: SlipwayResult): string[] {
  return eventsOf(result, 'image-finished').map(({ digest }) => String(digest))
}

/** The first dependency that the provenance of a build names. */
async function firstMaterial(folder: TemporaryFolder, name: string): Promise<unknown> {
  const layout = folder.join(name)
  await run(folder, ['-o', `type=oci,dest=${layout}`, '-t', 'app:1', '--provenance'])
  const [document = ''] = await documentsOf(layout)
  const statement = JSON.parse(document) as {
    predicate: { buildDefinition: { resolvedDependencies: unknown[] } }
  }
  return statement.predicate.buildDefinition.resolvedDependencies[0]
}

/** The documents in a layout, by artifact type. */
async function documentsOf(layout: string): Promise<string[]> {
  const blob = async (digest: string) => readFile(join(layout, 'blobs', digest.replace(':', '/')), 'utf8')
  const index = JSON.parse(await readFile(join(layout, 'index.json'), 'utf8')) as {
    manifests: { digest: string; artifactType?: string }[]
  }
  const referrers = index.manifests
    .filter(({ artifactType }) => artifactType !== undefined)
    .toSorted((a, b) => (a.artifactType! < b.artifactType! ? -1 : 1))
  return Promise.all(
    referrers.map(async ({ digest }) => {
      const manifest = JSON.parse(await blob(digest)) as { layers: { digest: string }[] }
      return blob(manifest.layers[0]!.digest)
    }),
  )
}
