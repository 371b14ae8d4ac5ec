/** A project in Istio's shape: its docker.yaml, Dockerfiles on bases of a registry, a Makefile that makes the programs. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import {
  skipWithoutDockerRegistry,
  startDockerRegistry,
  type DockerRegistry,
} from '../support/docker-registry.ts'
import { hasProgram, runProgram } from '../support/program.ts'
import { writeProject } from '../support/project.ts'
import { requirePart } from '../support/require-part.ts'
import { skopeoCopy, skopeoInspect } from '../support/skopeo.ts'
import { eventsOf, slipwayOk } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const dockerYaml = `# In the example one sees what a list item may have.
example:
- name: sample
  dockerfile: sample/Dockerfile.sample

images:
- name: base
  dockerfile: docker/Dockerfile.base
  base: true

- name: discovery
  dockerfile: control/docker/Dockerfile.discovery
  targets:
  - \${TARGET_OUT_LINUX}/discovery

- name: agent
  dockerfile: control/docker/Dockerfile.agent
  files:
  - tools/bootstrap.json
  - \${TARGET_OUT_LINUX}/\${RELEASE_MODE}/\${SIDECAR}
  targets:
  - \${TARGET_OUT_LINUX}/agent

- name: app
  dockerfile: samples/Dockerfile.app
  files:
  - tests/certs
  targets:
  - \${TARGET_OUT_LINUX}/client
  - \${TARGET_OUT_LINUX}/server
`

const makefile = `TARGET_ARCH ?= amd64
OUT := out/linux_$(TARGET_ARCH)

.PHONY: init
init:
	@mkdir -p $(TARGET_OUT_LINUX)/release
	@echo init $(TARGET_ARCH) >> made
	@echo sidecar for $(TARGET_ARCH) > $(TARGET_OUT_LINUX)/release/envoy
	@chmod 755 $(TARGET_OUT_LINUX)/release/envoy

$(TARGET_OUT_LINUX)/%: init
	@echo $* $(TARGET_ARCH) $(BUILD_WITH_CONTAINER) >> made
	@echo $* for $(TARGET_OS)/$(TARGET_ARCH) > $@
	@chmod 755 $@
`

const stages = `ARG BASE_DISTRIBUTION=debug
ARG BASE_VERSION=latest
ARG ISTIO_BASE_REGISTRY=registry.invalid/release
FROM \${ISTIO_BASE_REGISTRY}/base:\${BASE_VERSION} AS debug
FROM \${ISTIO_BASE_REGISTRY}/distroless:\${BASE_VERSION} AS distroless
# hadolint ignore=DL3006
FROM \${BASE_DISTRIBUTION:-debug}
`

const project = {
  'tools/docker.yaml': dockerYaml,
  'Makefile.core.mk': 'BASE_VERSION ?= 2.1\nISTIO_BASE_REGISTRY ?= unused.invalid/x\n',
  'istio.deps': JSON.stringify([
    { name: 'PROXY_REPO_SHA', lastStableSHA: 'abc123' },
    { name: 'ZTUNNEL_REPO_SHA', lastStableSHA: 'def456' },
    { name: 'AGENTGATEWAY_IMAGE', lastStableSHA: 'v1' },
  ]),
  VERSION: '1.99',
  Makefile: makefile,
  '.git/': '',
  'docker/Dockerfile.base': 'FROM ubuntu\nRUN apt-get update\n',
  'control/docker/Dockerfile.discovery': `${stages}ARG TARGETARCH
COPY \${TARGETARCH:-amd64}/discovery /usr/local/bin/discovery
USER 1337:1337
ENTRYPOINT ["/usr/local/bin/discovery"]
`,
  'control/docker/Dockerfile.agent': `${stages}WORKDIR /
ARG proxy_version
ARG istio_version
ARG SIDECAR=envoy
COPY bootstrap.json /var/lib/istio/\${SIDECAR}/bootstrap_tmpl.json
ARG TARGETARCH
COPY \${TARGETARCH:-amd64}/\${SIDECAR} /usr/local/bin/\${SIDECAR}
COPY \${TARGETARCH:-amd64}/agent /usr/local/bin/agent
ENV ISTIO_META_PROXY_SHA=$proxy_version ISTIO_META_ISTIO_VERSION=$istio_version
ENTRYPOINT ["/usr/local/bin/agent"]
`,
  'samples/Dockerfile.app': `${stages}ARG TARGETARCH
COPY \${TARGETARCH:-amd64}/client \${TARGETARCH:-amd64}/server /usr/local/bin/
COPY certs /etc/certs/
ENTRYPOINT ["/usr/local/bin/server"]
`,
  'tools/bootstrap.json': '{}\n',
  'tests/certs/cert.crt': 'certificate\n',
  'tests/certs/deep/key': { content: 'key\n', mode: 0o600 },
} as const

const skip =
  skipWithoutDockerRegistry() ||
  ['skopeo', 'umoci', 'make'].map((name) => requirePart(name, hasProgram(name))).find(Boolean)

suite("Istio's docker.yaml, as it stands", { skip, timeout: 120_000 }, () => {
  let registry: DockerRegistry
  let folder: TemporaryFolder
  before(async () => {
    registry = await startDockerRegistry()
    folder = await temporaryFolder()
    await writeProject(folder.join('project'), project)
    await writeProject(folder.join('bases'), {
      'slipway.yaml': `platforms: [linux/amd64, linux/arm64]
tags: ['2.1']
images:
  - { name: base, dockerfile: Dockerfile, context: ., args: { NAME: base } }
  - { name: distroless, dockerfile: Dockerfile, context: ., args: { NAME: distroless } }
`,
      Dockerfile: 'FROM scratch\nARG NAME\nCOPY ${NAME} /etc/base\nCOPY passwd /etc/passwd\nENV BASE=$NAME\n',
      base: 'the debug base\n',
      distroless: 'the distroless base\n',
      passwd: 'root:x:0:0::/:/x\n',
    })
    const options = { home: folder.join('home'), cwd: folder.join('bases') }
    await slipwayOk(['bake', '--root', '.', '--hub', `${registry.host}/release`, '--push'], options)
  })
  after(async () => {
    await registry?.stop()
    await folder?.remove()
  })

  test('is built for two platforms and three variants, each make target once per platform', async () => {
    const env = {
      HUBS: `${registry.host}/one ${registry.host}/two/deep`,
      TAG: 'dev',
      DOCKER_ARCHITECTURES: 'linux/amd64,linux/arm64',
      DOCKER_BUILD_VARIANTS: 'default debug distroless',
      ISTIO_BASE_REGISTRY: `${registry.host}/release`,
    }
    const options = { home: folder.join('home'), cwd: folder.join('project'), env }
    const result = await slipwayOk(['bake', '--push'], options)

    const made = (await readFile(folder.join('project', 'made'), 'utf8')).trim().split('\n')
    const names = ['agent', 'client', 'discovery', 'server']
    assert.deepEqual(
      made.toSorted(),
      ['amd64', 'arm64']
        .flatMap((arch) => [...names.map((name) => `${name} ${arch} 0`), `init ${arch}`])
        .toSorted(),
    )
    const commands = eventsOf(result, 'command-started').map(({ id }) => String(id))
    assert.deepEqual(commands.toSorted(), ['make linux/amd64', 'make linux/arm64'])

    const tags = ['dev', 'dev-debug', 'dev-distroless']
    const published = eventsOf(result, 'published').flatMap(({ references }) => references as string[])
    assert.deepEqual(
      published.toSorted(),
      ['one', 'two/deep']
        .flatMap((hub) => ['discovery', 'agent', 'app'].map((name) => `${hub}/${name}`))
        .flatMap((name) => tags.map((tag) => `${registry.host}/${name}:${tag}`))
        .toSorted(),
    )
  })

  for (const [tag, base] of [
    ['dev', 'base'],
    ['dev-debug', 'base'],
    ['dev-distroless', 'distroless'],
  ] as const) {
    test(`has in ${tag} what its Dockerfiles say, on ${base}`, async () => {
      for (const arch of ['amd64', 'arm64']) {
        const common = {
          'etc/base': `the ${base === 'base' ? 'debug' : base} base\n`,
          'etc/passwd': 'root:x:0:0::/:/x\n',
        }
        const program = (name: string) => ({ [`usr/local/bin/${name}`]: `${name} for linux/${arch}\n` })
        assert.deepEqual(await filesOf('discovery', tag, arch), { ...common, ...program('discovery') })
        assert.deepEqual(await filesOf('agent', tag, arch), {
          ...common,
          ...program('agent'),
          'usr/local/bin/envoy': `sidecar for ${arch}\n`,
          'var/lib/istio/envoy/bootstrap_tmpl.json': '{}\n',
        })
        assert.deepEqual(await filesOf('app', tag, arch), {
          ...common,
          ...program('client'),
          ...program('server'),
          'etc/certs/cert.crt': 'certificate\n',
          'etc/certs/deep/key': 'key\n',
        })
        const platform = `linux/${arch}`
        const { Env } = await skopeoInspect(`docker://${registry.host}/two/deep/agent:${tag}`, { platform })
        assert.deepEqual(
          (Env as string[]).filter((pair) => !pair.startsWith('PATH=')),
          [`BASE=${base}`, 'ISTIO_META_PROXY_SHA=abc123', 'ISTIO_META_ISTIO_VERSION=1.99-dev'],
        )
      }
    })
  }

  /** Files of an image with their contents, as umoci unpacks what skopeo pulled. */
  async function filesOf(image: string, tag: string, arch: string): Promise<Record<string, string>> {
    const name = `${image}-${tag}-${arch}`
    const layout = folder.join('pulled', name)
    const platform = `linux/${arch}`
    await runProgram('mkdir', ['-p', folder.join('pulled')])
    await skopeoCopy(`docker://${registry.host}/one/${image}:${tag}`, `oci:${layout}:x`, { platform })
    const rootfs = folder.join('pulled', `${name}-root`)
    await runProgram('umoci', ['raw', 'unpack', '--rootless', '--image', `${layout}:x`, rootfs])
    const { stdout } = await runProgram('find', ['.', '-type', 'f', '-printf', '%P\n'], { cwd: rootfs })
    const files = stdout.trim().split('\n').toSorted()
    const contents = await Promise.all(
      files.map(async (file) => [file, await readFile(join(rootfs, file), 'utf8')] as const),
    )
    return Object.fromEntries(contents)
  }
})
