/** Bake and compose files through the whole program, read back by skopeo: names, links between targets, outputs. */
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import { hasProgram, runProgram } from '../support/program.ts'
import { writeProject } from '../support/project.ts'
import { requirePart } from '../support/require-part.ts'
import { slipway, slipwayOk } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

/** Of the shape of a public one: metadata to be overridden, a function for names, a matrix, a group, linked targets. */
const bakeProject = {
  'docker-bake.hcl': `variable "REGISTRY" { default = "registry.example" }
variable "VERSION" { default = "edge" }
variable "PLATFORMS" {
  type = list(string)
  default = ["linux/amd64", "linux/arm64"]
}
function "names" {
  params = [image]
  result = concat(
    ["\${REGISTRY}/\${image}:\${VERSION}"],
    VERSION == "edge" ? [] : ["\${REGISTRY}/\${image}:latest"],
  )
}
target "metadata" { labels = { "org.opencontainers.image.version" = VERSION } }
target "files" {
  dockerfile-inline = <<-EOT
    FROM scratch
    COPY shared.txt /shared.txt
  EOT
}
target "_common" {
  inherits  = ["metadata"]
  contexts  = { files = "target:files" }
  platforms = PLATFORMS
}
target "tool" {
  name       = "tool-\${variant}"
  inherits   = ["_common"]
  matrix     = { variant = ["plain", "debug"] }
  dockerfile = "docker/tool.Dockerfile"
  target     = variant
  tags       = names("tool-\${variant}")
}
target "archive" {
  inherits   = ["_common"]
  dockerfile = "docker/tool.Dockerfile"
  target     = "plain"
  output     = ["type=oci,dest=archive.tar"]
}
group "default" { targets = ["tool", "archive"] }
`,
  'docker-bake.override.hcl': 'target "metadata" {\n  labels = { overridden = "yes" }\n}\n',
  'docker/tool.Dockerfile': `FROM scratch AS plain
COPY --from=files /shared.txt /etc/shared.txt
COPY tool /tool
ENTRYPOINT ["/tool"]
FROM plain AS debug
ENV DEBUG=1
`,
  tool: '#!/bin/true\n',
  'shared.txt': 'shared\n',
}

const composeProject = {
  'compose.yaml': `x-labels: &labels { team: shop }
services:
  web:
    image: registry.example/web:\${TAG:-dev}
    build:
      context: ./web
      args: { VERSION: }
      labels: { <<: *labels, role: web }
      additional_contexts: { assets: "service:assets" }
    ports: ["8080:80"]
    depends_on: [db]
  assets:
    build: { context: assets, dockerfile_inline: "FROM scratch\\nCOPY . /\\n" }
    image: registry.example/assets:1
  db: { image: postgres:16 }
`,
  'compose.override.yaml': 'services:\n  web: { build: { target: final, args: { EXTRA: "1" } } }\n',
  '.env': 'VERSION=3.1\n',
  'web/Dockerfile': `FROM scratch AS final
ARG VERSION
ARG EXTRA
LABEL version=$VERSION extra=$EXTRA
COPY --from=assets /logo.svg /srv/logo.svg
COPY index.html /srv/
`,
  'web/index.html': 'hello\n',
  'assets/logo.svg': '<svg/>\n',
}

suite(
  'bake and compose files',
  { skip: requirePart('skopeo', hasProgram('skopeo')), timeout: 240_000 },
  () => {
    let folder: TemporaryFolder
    before(async () => {
      folder = await temporaryFolder()
      await writeProject(folder.join('bake'), bakeProject)
      await writeProject(folder.join('compose'), composeProject)
    })
    after(async () => folder?.remove())
    const run = (project: string, args: readonly string[]) =>
      slipway(['bake', ...args], { home: folder.join('home'), cwd: folder.join(project) })
    const runOk = (project: string, args: readonly string[]) =>
      slipwayOk(['bake', ...args], { home: folder.join('home'), cwd: folder.join(project) })
    const configOf = async (image: string, architecture = 'amd64'): Promise<ImageConfig> => {
      const args = ['inspect', '--config', '--override-os', 'linux', '--override-arch', architecture, image]
      return JSON.parse((await runProgram('skopeo', args)).stdout) as ImageConfig
    }

    test('a bake file is built as it stands', async () => {
      await runOk('bake', [])
      const layout = folder.join('bake', '.slipway/oci')
      const debug = await configOf(`oci:${layout}:registry.example/tool-debug:edge`, 'arm64')
      assert.deepEqual(debug.config.Labels, { 'org.opencontainers.image.version': 'edge', overridden: 'yes' })
      assert.ok(debug.config.Env?.includes('DEBUG=1'))
      assert.equal(debug.architecture, 'arm64')
      const plain = await configOf(`oci:${layout}:registry.example/tool-plain:edge`)
      assert.equal(plain.rootfs.diff_ids.length, 2)
      assert.deepEqual(plain.rootfs.diff_ids, debug.rootfs.diff_ids)
      const archived = await configOf(`oci-archive:${folder.join('bake', 'archive.tar')}`)
      assert.deepEqual(archived.rootfs, plain.rootfs)
      const names = JSON.stringify(JSON.parse((await runProgram('cat', [`${layout}/index.json`])).stdout))
      assert.doesNotMatch(names, /files|archive/)
    })

    test('variables, patterns and --set change what is built', async () => {
      const args = [
        'tool-p*',
        '--var',
        'VERSION=1.0',
        '--set',
        '*.platform=linux/s390x',
        '--set',
        'tool-*.labels.extra=1',
      ]
      await runOk('bake', [...args, '-o', 'type=oci,dest=set,tar=false'])
      const config = await configOf(
        `oci:${folder.join('bake', 'set')}:registry.example/tool-plain:latest`,
        's390x',
      )
      assert.equal(config.config.Labels?.['org.opencontainers.image.version'], '1.0')
      assert.equal(config.config.Labels?.['extra'], '1')
    })

    test('a compose file is built as it stands, with its override and .env', async () => {
      const { stdout } = await runOk('compose', [])
      assert.match(stdout, /2 builds of 2 images, 2 names/)
      const layout = folder.join('compose', '.slipway/oci')
      const { config } = await configOf(`oci:${layout}:registry.example/web:dev`)
      assert.deepEqual(config.Labels, { extra: '1', version: '3.1', team: 'shop', role: 'web' })
    })

    test('an image of a layout is a base, and the same image twice is one', async () => {
      const layout = folder.join('bake', '.slipway/oci')
      await writeProject(folder.join('layouts'), {
        'docker-bake.hcl': `target "default" {
  contexts = { base = "oci-layout://../bake/.slipway/oci:registry.example/tool-debug:edge" }
  platforms = ["linux/arm64"]
  tags = ["registry.example/on-layout:1"]
}
`.replace(
          ':registry.example/tool-debug:edge',
          `@${await digestOf(layout, 'registry.example/tool-debug:edge')}`,
        ),
        Dockerfile: 'FROM base\nCOPY --from=base /etc/shared.txt /copied.txt\n',
      })
      await runOk('layouts', [])
      const image = `oci:${folder.join('layouts', '.slipway/oci')}:registry.example/on-layout:1`
      const first = await configOf(image, 'arm64')
      assert.ok(first.config.Env?.includes('DEBUG=1'))
      assert.equal(first.rootfs.diff_ids.length, 3)
      await runOk('layouts', [])
      assert.deepEqual(await configOf(image, 'arm64'), first)
    })

    test('what the plan says about commands is refused only where commands are handed to a builder', async () => {
      await writeProject(folder.join('run'), {
        'docker-bake.hcl':
          'target "default" {\n  dockerfile = "Dockerfile"\n  secret = ["id=token,env=TOKEN"]\n}\n',
        Dockerfile: 'FROM scratch\nCOPY Dockerfile /\nRUN true\n',
      })
      const { status, stderr } = await run('run', ['--delegate=buildx'])
      assert.equal(status, 2)
      assert.match(
        stderr,
        /default hands a stage with RUN to a builder, and Slipway does not tell builders its secret/,
      )
      assert.match(stderr, /docker-bake\.hcl:3:3/)
      await writeProject(folder.join('run'), { Dockerfile: 'FROM scratch\nCOPY Dockerfile /\n' })
      assert.equal((await run('run', [])).status, 0)
    })

    test('a target that is to be checked is checked, and not built', async () => {
      await writeProject(folder.join('check'), {
        'docker-bake.hcl': 'target "default" {\n  call = "check"\n}\n',
        Dockerfile: 'from scratch\nCOPY Dockerfile /\n',
      })
      const { status, stdout } = await run('check', [])
      assert.equal(status, 1)
      assert.match(stdout, /ConsistentInstructionCasing|FromAsCasing/)
      assert.deepEqual((await readdir(folder.join('check'))).toSorted(), ['Dockerfile', 'docker-bake.hcl'])
    })

    test('--set works on slipway.yaml and on the plan of Istio', async () => {
      const image = '  - name: a\n    dockerfile: D\n'
      await writeProject(folder.join('own'), {
        'slipway.yaml': `hubs: [h.example]\nimages:\n${image}    context: .\n  - name: b\n    dockerfile: D\n    context: .\n`,
        'docker.yaml': `images:\n${image}    files: [D]\n`,
      })
      const set = [
        '--set',
        '*.platform=linux/arm64',
        '--set',
        'a.args.X=1',
        '--set',
        'a.tags=other.example/a:1',
      ]
      const own = JSON.parse((await runOk('own', ['--print', ...set])).stdout) as Printed
      assert.deepEqual(
        own.images.map(({ tags, args, platforms }) => [
          tags,
          args?.['X'],
          platforms.map(({ platform }) => platform),
        ]),
        [
          [['other.example/a:1'], '1', ['linux/arm64']],
          [['h.example/b:latest'], undefined, ['linux/arm64']],
        ],
      )
      const istio = JSON.parse(
        (await runOk('own', ['-f', 'docker.yaml', '--print', ...set])).stdout,
      ) as Printed
      assert.equal(istio.images[0]?.args?.['X'], '1')
      const { status, stderr } = await run('own', ['--set', 'c.args.X=1'])
      assert.equal(status, 2)
      assert.match(stderr, /slipway\.yaml has no target that matches "c"/)
    })
  },
)

async function digestOf(layout: string, name: string): Promise<string> {
  const index = JSON.parse(await readFile(`${layout}/index.json`, 'utf8')) as {
    manifests: { digest: string; annotations?: Record<string, string> }[]
  }
  const found = index.manifests.find(
    ({ annotations }) => annotations?.['org.opencontainers.image.ref.name'] === name,
  )
  return found!.digest
}

interface ImageConfig {
  readonly architecture: string
  readonly config: { readonly Labels?: Record<string, string>; readonly Env?: readonly string[] }
  readonly rootfs: { readonly diff_ids: readonly string[] }
}

interface Printed {
  readonly images: readonly {
    readonly tags: readonly string[]
    readonly args?: Readonly<Record<string, string>>
    readonly platforms: readonly { readonly platform: string }[]
  }[]
}
