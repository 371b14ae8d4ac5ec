/** Bad input of every kind: projects with one mistake each, and the command that meets it. */
import type { ProjectEntry } from './project.ts'

export interface BadInput {
  /** name of the golden file */
  readonly name: string
  /** added to, or taken out of (`null`), the sound project */
  readonly files?: Readonly<Record<string, string | ProjectEntry | null>>
  /** default: `bake` */
  readonly args?: readonly string[]
  /** 2 usage and configuration, 1 failure */
  readonly status: 1 | 2
}

/** What every project has, and what alone makes a sound build. */
export const soundProject: Readonly<Record<string, string>> = {
  'slipway.yaml': `hubs: [localhost:5000/demo]
tags: [dev]
variants:
  debug: { default: true }
  distroless: {}
images:
  - name: agent
    dockerfile: docker/Dockerfile.agent
    context: .
  - name: proxy
    dockerfile: docker/Dockerfile.agent
    context: .
`,
  'docker/Dockerfile.agent': `FROM scratch
COPY hello /hello
USER 1337
`,
  hello: 'hello\n',
}

const dockerfile = (text: string) => ({ 'docker/Dockerfile.agent': text })
const plan = (text: string) => ({ 'slipway.yaml': text })
const onePlatform = ['--platform', 'linux/amd64', '--variant', 'debug']

export const badInputs: readonly BadInput[] = [
  { name: 'no-plan', files: { 'slipway.yaml': null }, status: 2 },
  { name: 'no-such-plan', args: ['bake', '-f', 'deploy/slipway.yaml'], status: 2 },
  { name: 'plan-is-no-yaml', files: plan('images:\n  - name: agent\n   dockerfile: x\n'), status: 2 },
  { name: 'plan-is-empty', files: plan('\n'), status: 2 },
  {
    name: 'unknown-keys',
    files: plan(`tagz: [dev]
images:
  - name: agent
    dockerfil: docker/Dockerfile.agent
    context: .
`),
    status: 2,
  },
  {
    name: 'plan-names-unknown-variant',
    files: plan(`variants:
  distroless: {}
images:
  - { name: agent, dockerfile: docker/Dockerfile.agent, context: ., variants: [distrolles] }
`),
    status: 2,
  },
  { name: 'unknown-image', args: ['bake', 'agnet'], status: 2 },
  { name: 'unknown-variant', args: ['bake', '--variant', 'distrolss'], status: 2 },
  { name: 'unknown-platform', args: ['bake', '--platform', 'linux'], status: 2 },
  {
    name: 'platform-not-in-plan',
    files: plan(`platforms: [linux/amd64, linux/arm64]
images:
  - { name: agent, dockerfile: docker/Dockerfile.agent, context: . }
`),
    args: ['bake', '--platform', 'linux/s390x'],
    status: 2,
  },
  { name: 'unknown-flag', args: ['bake', '--skip-artefacts'], status: 2 },
  { name: 'unknown-command', args: ['bak'], status: 2 },
  { name: 'unknown-progress', args: ['bake', '--progress=fancy'], status: 2 },
  { name: 'bad-output', args: ['bake', '-o', 'type=ocii,dest=x'], status: 2 },
  { name: 'push-without-name', args: ['build', '--push', '-f', 'docker/Dockerfile.agent', '.'], status: 2 },
  {
    name: 'missing-artifact',
    files: {
      ...plan(`platforms: [linux/amd64, linux/arm64]
images:
  - name: agent
    dockerfile: docker/Dockerfile.agent
    files:
      - hello
      - \${TARGET_OUT_LINUX}/agent
`),
      'out/linux_amd64/agent': 'for amd64',
    },
    status: 1,
  },
  {
    name: 'failing-command',
    files: plan(`platforms: [linux/arm64]
artifacts:
  go: { command: 'echo compiling for $TARGET_ARCH; echo "main.go:3: undefined: foo" >&2; exit 3' }
images:
  - { name: agent, dockerfile: docker/Dockerfile.agent, artifacts: [go], files: [hello] }
`),
    status: 1,
  },
  {
    name: 'failing-script',
    files: plan(`platforms: [linux/arm64]
artifacts:
  go:
    command: |
      echo first
      exit 4
images:
  - { name: agent, dockerfile: docker/Dockerfile.agent, artifacts: [go], files: [hello] }
`),
    status: 1,
  },
  {
    name: 'failing-make',
    files: {
      ...plan(`platforms: [linux/arm64]
images:
  - { name: agent, dockerfile: docker/Dockerfile.agent, targets: ['\${TARGET_OUT_LINUX}/agent'] }
`),
      Makefile: '$(TARGET_OUT_LINUX)/agent:\n\t@echo cannot compile for $(TARGET_ARCH); exit 1\n',
    },
    status: 1,
  },
  {
    name: 'command-not-installed',
    files: plan(`platforms: [linux/arm64]
artifacts:
  go: { command: [no-such-compiler, build] }
images:
  - { name: agent, dockerfile: docker/Dockerfile.agent, artifacts: [go], files: [hello] }
`),
    status: 1,
  },
  {
    name: 'command-leaves-nothing',
    files: plan(`platforms: [linux/arm64]
artifacts:
  go: { command: 'echo nothing to do', outputs: ['\${TARGET_OUT_LINUX}/agent'] }
images:
  - { name: agent, dockerfile: docker/Dockerfile.agent, artifacts: [go], files: [hello] }
`),
    status: 1,
  },
  { name: 'bad-tag', args: ['bake', '--tag', 'not a tag'], status: 2 },
  {
    name: 'bad-hub',
    files: plan(`hubs: [localhost:5000/Upper]
images:
  - { name: agent, dockerfile: docker/Dockerfile.agent, context: . }
`),
    status: 2,
  },
  {
    name: 'bad-reference',
    args: ['build', '-t', 'localhost:5000/app:', '-f', 'docker/Dockerfile.agent', '.'],
    status: 2,
  },
  {
    name: 'bad-base-reference',
    files: dockerfile('FROM localhost:5000/Base:1\nCOPY hello /\n'),
    args: ['bake', 'agent', ...onePlatform],
    status: 2,
  },
  { name: 'no-dockerfile', files: { 'docker/Dockerfile.agent': null }, status: 2 },
  { name: 'no-context', args: ['build', '-f', 'docker/Dockerfile.agent', 'no-such-folder'], status: 2 },
  {
    name: 'missing-source',
    files: dockerfile('FROM scratch\nCOPY hello helo /greetings/\n'),
    args: ['bake', 'agent', ...onePlatform],
    status: 1,
  },
  {
    name: 'missing-source-in-folder',
    files: dockerfile('FROM scratch\nCOPY docker/config.json /greetings/\n'),
    args: ['bake', 'agent', ...onePlatform],
    status: 1,
  },
  {
    name: 'missing-source-in-files',
    files: plan(
      'images:\n  - { name: agent, dockerfile: docker/Dockerfile.agent, files: [slipway.yaml, docker/Dockerfile.agent] }\n',
    ),
    args: ['bake', 'agent', '--platform', 'linux/amd64'],
    status: 1,
  },
  {
    name: 'source-outside',
    files: dockerfile('FROM scratch\nCOPY ../secrets/key /key\n'),
    args: ['bake', 'agent', ...onePlatform],
    status: 1,
  },
  {
    name: 'unknown-target',
    files: dockerfile('FROM scratch AS builder\nCOPY hello /\n'),
    args: ['build', '--target', 'bulder', '-f', 'docker/Dockerfile.agent', '.'],
    status: 2,
  },
  {
    name: 'unknown-owner',
    files: dockerfile('FROM scratch\nCOPY --chown=nobody hello /\n'),
    args: ['bake', 'agent', ...onePlatform],
    status: 2,
  },
  {
    name: 'run',
    files: dockerfile(
      'FROM scratch AS base\nCOPY hello /\nFROM base\n# install\n  RUN apt-get update && \\\n    apt-get install -y curl\nRUN true\n',
    ),
    args: ['bake', 'agent', ...onePlatform],
    status: 2,
  },
  {
    name: 'unknown-instruction',
    files: dockerfile('FROM scratch\nCOPPY hello /\n'),
    args: ['bake', 'agent', ...onePlatform],
    status: 2,
  },
  {
    name: 'unknown-copy-flag',
    files: dockerfile('FROM scratch\nCOPY --chwon=1:1 hello /\n'),
    args: ['bake', 'agent', ...onePlatform],
    status: 2,
  },
  {
    name: 'run-with-flags',
    files: dockerfile(
      'FROM scratch\nCOPY hello /\nRUN --mount=type=cache,target=/x --security=insecure true\n',
    ),
    args: ['bake', 'agent', ...onePlatform],
    status: 2,
  },
  {
    name: 'unknown-healthcheck-flag',
    files: dockerfile('FROM scratch\nHEALTHCHECK --intervall=1s CMD true\n'),
    args: ['bake', 'agent', ...onePlatform],
    status: 2,
  },
  {
    name: 'unset-variable',
    files: dockerfile('FROM scratch\nCOPY ${NAME:?unset} /\n'),
    args: ['bake', 'agent', ...onePlatform],
    status: 2,
  },
  {
    name: 'file-over-folder',
    files: dockerfile('FROM scratch\nWORKDIR /hello\nCOPY hello /\n'),
    args: ['bake', 'agent', ...onePlatform],
    status: 1,
  },
  {
    name: 'no-layout',
    args: ['bake', 'agent', ...onePlatform, '--save', 'docker'],
    status: 1,
  },
]
