/** Compose files: build sections, variables, several files. */
import type { BakeCase } from './case.ts'

const compose = (
  name: string,
  text: string,
  options: Omit<BakeCase, 'name' | 'files'> & { files?: BakeCase['files'] } = {},
): BakeCase => ({
  name: `compose-${name}`,
  ...options,
  files: { 'compose.yaml': text, ...options.files },
})

export const composeCases: readonly BakeCase[] = [
  compose(
    'every-key',
    `name: demo
services:
  app:
    image: ignored/when-tags:1
    build:
      context: ./app/
      dockerfile: deploy/Dockerfile
      args: { A: "1", B: 2, C: true, D: 1.50 }
      ssh: [default=f]
      cache_from: [user/app, "type=gha,scope=x"]
      cache_to: ["type=local,dest=./c"]
      additional_contexts:
        base: service:base.image
        src: ../src
        img: docker-image://debian:12
        git: https://example.com/r.git
      entitlements: []
      extra_hosts: ["a=1.1.1.1", "b:2.2.2.2", "c:[::1]"]
      labels: { l: x, n: 5 }
      network: host
      no_cache: true
      platforms: [linux/amd64, linux/arm64]
      provenance: mode=max
      sbom: true
      pull: true
      secrets: [one, { source: two, target: /run/two, mode: 0400 }]
      tags: [ignored/when-tags:1, b:2]
      target: stage
      x-bake:
        tags: ci:1 ci:2
        platforms: linux/386
        output: ["type=docker"]
        contexts: { extra: extra, src: never }
        no-cache-filter: [a]
        cache-from: ["type=inline"]
  base.image:
    build: base
    ports: ["80:80"]
    deploy: { replicas: 2 }
    unknown_to_builds: { anything: [1, 2] }
  db:
    image: postgres:16
    volumes: [data:/var/lib]
volumes: { data: {} }
networks: { n: {} }
secrets:
  one: { file: ./f }
  two: { environment: HOME }
x-anything: [1]
`.replace('      ssh: [default=f]\n', ''),
  ),
  compose(
    'forms-of-lists',
    `services:
  app:
    build:
      context: .
      args: [A=1, B, C=]
      labels: ["x=y", "empty"]
      additional_contexts: ["a=./one", "b=docker-image://alpine"]
      extra_hosts: { h: 1.2.3.4, i: [1.1.1.1, 2.2.2.2] }
    environment: { B: from-service }
`,
  ),
  compose(
    'inline-dockerfile',
    'services:\n  app:\n    build:\n      dockerfile_inline: |\n        FROM scratch\n        ENV A=$${B} C=${D:-d}\n',
  ),
  compose(
    'variables',
    `services:
  app:
    image: \${REGISTRY:-reg.example}/app:\${TAG}
    build:
      context: \${DIR-app}
      args:
        A: \${SET:+is-set}
        B: \${UNSET:+is-set}
        C: \${EMPTY:-default}
        D: \${EMPTY-default}
        E: \${UNSET-\${TAG:-inner}}
        F: $$TAG $\${TAG} $TAG
        G: "\${UNSET}"
        H: \${SET:?must be set}
        I: a\${TAG}b\${SET}c
        J:
        K: 5
      no_cache: \${CACHE_OFF:-true}
      platforms: ["\${OS:-linux}/amd64"]
`,
    { env: { TAG: 'v1', SET: 'x', EMPTY: '', J: 'env' } },
  ),
  compose(
    'dotenv',
    'services:\n  app:\n    image: app:${VERSION}\n    build:\n      context: .\n      args: { A: "${A}", B: "${B}", C: "${C}", D: "${D}", E: "${E}", F: "${F}", G: "${G}", H: null }\n',
    {
      files: {
        '.env': `# a comment
VERSION=1.2 # another
export A="quoted \\"x\\" \${VERSION}\\n"
B='single \${VERSION}'
C=plain \${VERSION}
D: yaml style
E="several
lines"
F=
G=from-file
H=inherited
`,
      },
      env: { G: 'from-environment' },
    },
  ),
  compose(
    'anchors',
    `x-build: &build
  context: .
  args: &args { A: 1, B: 2 }
services:
  one:
    build: *build
  two:
    build:
      <<: *build
      target: two
  three:
    build:
      <<: *build
      args: { <<: *args, B: 3 }
`,
  ),
  compose(
    'extends',
    `services:
  base:
    image: base:1
    build: { context: ., args: { A: base, B: base }, tags: [] }
    environment: { X: base }
  child:
    extends: base
    image: child:1
    build: { args: { B: child } }
  grandchild:
    extends: { service: child }
    build: { target: t }
  other:
    extends: { file: sub/common.yaml, service: shared }
    image: other:1
`,
    {
      files: {
        'sub/common.yaml':
          'services:\n  shared:\n    extends: lower\n    build: { context: ./ctx, additional_contexts: { a: ./x } }\n  lower:\n    build: { context: ., dockerfile: D, args: [L=1] }\n',
      },
    },
  ),
  compose(
    'include',
    'include:\n  - sub/compose.yaml\n  - path: [other/a.yaml, other/b.yaml]\nservices:\n  app: { build: ., image: app }\n',
    {
      files: {
        'sub/compose.yaml': 'services:\n  inner: { build: ./ctx, image: "inner:${V}" }\n',
        'sub/.env': 'V=sub\n',
        'other/a.yaml': 'services:\n  o: { build: { context: ., args: { A: a, B: a } } }\n',
        'other/b.yaml': 'services:\n  o: { build: { args: { B: b } } }\n',
      },
    },
  ),
  {
    name: 'compose-merge',
    files: {
      'a.yaml': `services:
  app:
    image: app:a
    build: ./app
  lib:
    build:
      context: lib
      args: [A=a, B=a]
      tags: [lib:a]
      labels: { l: a }
      cache_from: [x, y]
      platforms: [linux/amd64]
  gone: { build: ., image: gone }
`,
      'b.yaml': `services:
  app:
    build: { target: b, args: { X: b } }
  lib:
    build:
      args: { B: b, C: b }
      tags: [lib:b, lib:a]
      labels: ["l=b"]
      cache_from: [y, z]
      platforms: !override [linux/arm64]
      dockerfile: !reset null
  gone: !reset null
`,
    },
    args: ['-f', 'a.yaml', '-f', 'b.yaml'],
  },
  compose(
    'with-a-bake-file',
    'services:\n  app: { build: { context: app, args: { A: c, B: c } }, image: "app:1" }\n',
    {
      files: {
        'docker-bake.hcl':
          'variable "TAG" { default = "2" }\ntarget "app" {\n  args = { B = "hcl" }\n  tags = ["app:${TAG}"]\n  platforms = ["linux/arm64"]\n}\ntarget "more" {\n  inherits = ["app"]\n}\n',
      },
      args: ['default', 'more'],
    },
  ),
  compose('profiles', 'services:\n  app: { build: ., profiles: [never] }\n  other: { build: other }\n'),
  compose(
    'env-file',
    'services:\n  app:\n    env_file: [vars.env, { path: none.env, required: false }]\n    build: { context: ., args: [A, B, C] }\n    environment: [B=own]\n',
    {
      files: { 'vars.env': 'A=file\nB=file\n' },
    },
  ),
  compose('set', 'services:\n  app: { build: ., image: "app:1" }\n', {
    args: ['--set', 'app.args.X=1', '--set', '*.platform=linux/arm64'],
  }),
  compose('chosen', 'services:\n  a: { build: a }\n  b.c: { build: b }\n', { args: ['b.c'] }),
]
