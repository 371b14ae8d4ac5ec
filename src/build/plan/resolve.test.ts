import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../../base/index.ts'
import { formatPlatform } from '../../oci/index.ts'
import { parseYaml } from '../../yaml/index.ts'
import type { ResolvedPlan, Selection } from './model.ts'
import { printPlan } from './print.ts'
import { resolvePlan } from './resolve.ts'
import { readSlipwayPlan } from './slipway-plan.ts'

const host = { os: 'linux', architecture: 'amd64' }

function resolved(text: string, selection: Selection = {}, env: Record<string, string> = {}): ResolvedPlan {
  const plan = readSlipwayPlan(parseYaml(text, 'slipway.yaml'), { root: '/project', env })
  return resolvePlan(plan, selection, { host })
}

function failureOf(text: string, selection: Selection = {}, env: Record<string, string> = {}): Failure {
  try {
    resolved(text, selection, env)
  } catch (error) {
    assert.ok(error instanceof Failure, String(error))
    return error
  }
  return assert.fail('the plan was resolved')
}

function tagsOf(plan: ResolvedPlan): string[] {
  return plan.images.flatMap((image) =>
    image.tags.map((tag) => `${image.name} ${image.variant ?? '-'} ${tag}`),
  )
}

const variants = `
variants:
  debug: {default: true, args: {DIST: debug}}
  distroless: {args: {DIST: distroless}, target: small}
`
const one = 'images: [{name: a, dockerfile: D}]\n'

test('hubs, tags and variants give every reference', () => {
  const plan = `hubs: [localhost:5000/demo, ghcr.io/x]\ntags: [v1, latest]\n${variants}${one}`
  const cases: [Selection, string[]][] = [
    [
      {},
      [
        'a debug localhost:5000/demo/a:v1',
        'a debug localhost:5000/demo/a:latest',
        'a debug ghcr.io/x/a:v1',
        'a debug ghcr.io/x/a:latest',
        'a distroless localhost:5000/demo/a:v1-distroless',
        'a distroless localhost:5000/demo/a:latest-distroless',
        'a distroless ghcr.io/x/a:v1-distroless',
        'a distroless ghcr.io/x/a:latest-distroless',
      ],
    ],
    [{ hubs: ['h:1/x/'], tags: ['t'], variants: ['default'] }, ['a debug h:1/x/a:t']],
    [{ hubs: ['h:1'], tags: ['t'], variants: ['debug'] }, ['a debug h:1/a:t-debug']],
    [
      { hubs: ['h:1'], tags: ['t'], variants: ['distroless', 'debug', 'default'] },
      ['a debug h:1/a:t', 'a debug h:1/a:t-debug', 'a distroless h:1/a:t-distroless'],
    ],
    [{ hubs: ['istio'], tags: ['t', 't'], variants: ['default'] }, ['a debug docker.io/istio/a:t']],
  ]
  for (const [selection, expected] of cases) assert.deepEqual(tagsOf(resolved(plan, selection)), expected)
})

test('the default variant asked for by both names is one build', () => {
  const plan = resolved(`hubs: [h:1]\n${variants}${one}`, { variants: ['default', 'debug'] })
  assert.equal(plan.images.length, 1)
  assert.deepEqual(plan.images[0]!.tags, ['h:1/a:latest', 'h:1/a:latest-debug'])
})

test('a plan or an image without variants has one unsuffixed build', () => {
  assert.deepEqual(tagsOf(resolved(one)), ['a - docker.io/library/a:latest'])
  assert.deepEqual(tagsOf(resolved(one, { variants: ['default'] })), ['a - docker.io/library/a:latest'])
  const plan = `hubs: [h:1]\n${variants}images: [{name: a, dockerfile: D, variants: []}, {name: b, dockerfile: D, variants: [distroless]}]`
  assert.deepEqual(tagsOf(resolved(plan)), ['a - h:1/a:latest', 'b distroless h:1/b:latest-distroless'])
})

test('images are picked by name or group, bases only by name', () => {
  const plan = `groups: {g: [c, h], h: [b, g]}\nimages:\n${['a', 'b', 'c']
    .map((name) => `- {name: ${name}, dockerfile: D}\n`)
    .join('')}- {name: base, dockerfile: D, base: true}\n`
  const names = (images?: string[]) => resolved(plan, images ? { images } : {}).images.map(({ name }) => name)
  assert.deepEqual(names(), ['a', 'b', 'c'])
  assert.deepEqual(names(['c', 'a', 'c']), ['a', 'c'])
  assert.deepEqual(names(['g']), ['b', 'c'])
  assert.deepEqual(names(['base']), ['base'])
})

test('a selection that the plan does not have is refused with a suggestion', () => {
  const plan = `platforms: [linux/amd64, linux/arm64]\n${variants}images: [{name: pilot, dockerfile: D}, {name: b, dockerfile: D, variants: [debug], platforms: [linux/arm64]}]`
  const cases: [Selection, string, string | undefined][] = [
    [{ images: ['pilto'] }, 'slipway.yaml has no image "pilto"', 'did you mean "pilot"?'],
    [{ images: ['zzzzzz'] }, 'slipway.yaml has no image "zzzzzz"', 'it has pilot, b'],
    [{ variants: ['distrolss'] }, 'slipway.yaml has no variant "distrolss"', 'did you mean "distroless"?'],
    [
      { variants: ['x-y-z'] },
      'slipway.yaml has no variant "x-y-z"',
      'its variants are default, debug, distroless',
    ],
    [
      { platforms: ['linux/amd46'] },
      'slipway.yaml has no platform "linux/amd46"',
      'did you mean "linux/amd64"? Its platforms are linux/amd64, linux/arm64',
    ],
    [
      { platforms: ['windows/s390x'] },
      'slipway.yaml has no platform "windows/s390x"',
      'its platforms are linux/amd64, linux/arm64; add it to "platforms"',
    ],
    [{ images: ['b'], variants: ['distroless'] }, 'b is not built: it has no variant distroless', undefined],
    [
      { images: ['b'], platforms: ['linux/amd64'] },
      'b is not built: it cannot be for linux/amd64',
      undefined,
    ],
  ]
  for (const [selection, message, hint] of cases) {
    const failure = failureOf(plan, selection)
    assert.equal(failure.code, 'PLAN_SELECTION', message)
    assert.equal(failure.message, message)
    assert.equal(failure.hint, hint, message)
  }
  assert.equal(
    failureOf(`variants: {debug: {}}\n${one}`, { variants: ['default'] }).message,
    'slipway.yaml has no variant "default": none has "default: true"',
  )
  assert.equal(failureOf(plan, { platforms: ['x'] }).code, 'PLATFORM_INVALID')
})

test('an image that nobody named and that cannot be built is left out with a warning', () => {
  const plan = resolved(
    `${variants}images: [{name: a, dockerfile: D}, {name: b, dockerfile: D, variants: [debug]}]`,
    {
      variants: ['distroless'],
    },
  )
  assert.deepEqual(
    plan.images.map(({ name }) => name),
    ['a'],
  )
  assert.deepEqual(
    plan.warnings.map(({ message }) => message),
    ['b is not built: it has no variant distroless'],
  )
})

test('platforms come from the image, the plan or this machine, cut to what is asked for', () => {
  const plan = `platforms: [linux/amd64, linux/aarch64]\nimages:\n- {name: a, dockerfile: D}\n- {name: b, dockerfile: D, platforms: [linux/arm64, linux/arm/v7]}\n- {name: c, dockerfile: D, emulationRequired: true}\n`
  const platforms = (text: string, asked?: string[]) =>
    resolved(text, asked ? { platforms: asked } : {}).images.map(
      (image) => `${image.name} ${image.platforms.map(({ platform }) => formatPlatform(platform)).join(' ')}`,
    )
  assert.deepEqual(platforms(plan), [
    'a linux/amd64 linux/arm64',
    'b linux/arm64 linux/arm/v7',
    'c linux/amd64',
  ])
  assert.deepEqual(platforms(plan, ['linux/arm64']), ['a linux/arm64', 'b linux/arm64'])
  assert.deepEqual(platforms(plan, ['linux/arm/v7']), ['b linux/arm/v7'])
  assert.deepEqual(platforms(one), ['a linux/amd64'])
  assert.deepEqual(platforms(one, ['linux/s390x', 'linux/s390x']), ['a linux/s390x'])
  assert.deepEqual(
    resolved(plan).warnings.map(({ message, at }) => `${at?.line} ${message}`),
    ['5 c is not built for linux/arm64: it needs emulation on this machine (linux/amd64)'],
  )
})

test('arguments of plan, variant, image and command line win in that order', () => {
  const text = `args: {P: plan, V: plan, I: plan, C: "\${UNSET_BUT_REPLACED}", FROM: "\${HUB}/base:\${TAG}", E: "\${E:-none}"}
hubs: ["\${REGISTRY:-localhost:5000}/x"]
variants: {v: {default: true, args: {V: variant, I: variant}, target: t}}
images: [{name: a, dockerfile: "d/\${P}.Dockerfile", args: {I: image}, labels: {l: "\${I}", m: x}}]`
  const [image] = resolved(
    text,
    { args: { C: '$literal', N: 'new' }, labels: { m: 'y' } },
    { E: 'env' },
  ).images
  assert.deepEqual(image!.args, {
    C: '$literal',
    E: 'env',
    FROM: 'localhost:5000/x/base:latest',
    I: 'image',
    N: 'new',
    P: 'plan',
    V: 'variant',
  })
  assert.deepEqual(image!.labels, { l: 'image', m: 'y' })
  assert.equal(image!.dockerfile, '/project/d/plan.Dockerfile')
  assert.equal(image!.target, 't')
})

test('a variable is an error only where it is needed', () => {
  const text = 'images:\n- {name: a, dockerfile: D}\n- {name: b, dockerfile: "${MISSING}"}\n'
  assert.equal(resolved(text, { images: ['a'] }).images.length, 1)
  const failure = failureOf(text)
  assert.equal(failure.message, 'variable MISSING is not set')
  assert.deepEqual([failure.at?.line, failure.at?.column, failure.at?.endColumn], [3, 26, 36])
})

test('the platform is not known where it makes no difference', () => {
  const failure = failureOf('images: [{name: a, dockerfile: "D.${TARGET_ARCH}"}]')
  assert.match(failure.message, /^variable TARGET_ARCH is not set here: the platform is known only in files/)
})

test('a bad hub is refused at its place', () => {
  const failure = failureOf(`hubs: ["localhost:5000/Demo"]\n${one}`)
  assert.equal(failure.code, 'REFERENCE_INVALID')
  assert.equal(failure.at?.column, 8)
  assert.equal(failureOf(one, { tags: ['a b'] }).code, 'REFERENCE_INVALID')
})

const family = `hubs: [localhost:5000/demo, localhost:5000/other]
${variants}images:
- {name: base, dockerfile: B, base: true, targets: [t]}
- {name: a, dockerfile: D}
`

test('references of the plan are known under its own names and those asked for', () => {
  const { planReferences } = resolved(family, { hubs: ['ghcr.io/x'], tags: ['v1'], variants: ['distroless'] })
  const cases: [string, string | undefined][] = [
    ['ghcr.io/x/base:v1', 'base debug'],
    ['ghcr.io/x/base:v1-debug', 'base debug'],
    ['ghcr.io/x/base:v1-distroless', 'base distroless'],
    ['localhost:5000/other/base:latest', 'base debug'],
    ['localhost:5000/demo/a:latest-distroless', 'a distroless'],
    ['localhost:5000/demo/base:v2', undefined],
    ['docker.io/library/base:latest', undefined],
  ]
  for (const [reference, expected] of cases) {
    const target = planReferences.get(reference)
    assert.equal(target && `${target.image} ${target.variant}`, expected, reference)
  }
})

test('an image that is not selected is resolved when it is needed, once', () => {
  const plan = resolved(family, { variants: ['distroless'] })
  assert.deepEqual(
    plan.images.map(({ name }) => name),
    ['a'],
  )
  const base = plan.resolveImage({ image: 'base', variant: 'debug' })
  assert.equal(base.base, true)
  assert.deepEqual(base.tags, ['localhost:5000/demo/base:latest', 'localhost:5000/other/base:latest'])
  assert.deepEqual(
    base.platforms[0]!.needs.map(({ id }) => id),
    ['make linux/amd64 base'],
  )
  assert.equal(plan.resolveImage({ image: 'base', variant: 'debug' }), base)
  assert.equal(plan.resolveImage({ image: 'a', variant: 'distroless' }), plan.images[0])
  assert.deepEqual(plan.commands, [])
  assert.throws(() => plan.resolveImage({ image: 'bse', variant: undefined }), {
    code: 'PLAN_SELECTION',
    hint: 'did you mean "base"?',
  })
  assert.throws(() => plan.resolveImage({ image: 'base', variant: 'x' }), {
    message: 'base has no variant "x"',
  })
})

test('documents that a plan asks for are printed', () => {
  const printed = printPlan(
    resolved('hubs: [h:1]\nsbom: spdx\nprovenance: max\nimages: [{name: a, dockerfile: D, context: .}]'),
  )
  const [image] = printed['images'] as Record<string, unknown>[]
  assert.deepEqual([image!['sbom'], image!['provenance']], [['spdx'], { mode: 'max' }])
})

test('a plan prints with relative paths and without what is empty', () => {
  const text = `hubs: [h:1]\nplatforms: [linux/arm64]\nargs: {A: b}\nimages: [{name: a, dockerfile: d/D, files: ["\${TARGET_OUT}/x"], targets: [y]}]`
  assert.deepEqual(printPlan(resolved(text)), {
    plan: 'slipway.yaml',
    commands: [
      {
        id: 'make linux/arm64',
        platform: 'linux/arm64',
        argv: ['make', '--no-print-directory', 'y'],
        env: {
          TARGET_OS: 'linux',
          TARGET_ARCH: 'arm64',
          TARGET_VARIANT: '',
          TARGET_OUT: '/project/out/linux_arm64',
          TARGET_OUT_LINUX: '/project/out/linux_arm64',
        },
        outputs: ['y'],
      },
    ],
    images: [
      {
        name: 'a',
        tags: ['h:1/a:latest'],
        dockerfile: 'd/D',
        args: { A: 'b' },
        platforms: [
          {
            platform: 'linux/arm64',
            files: { 'arm64/x': 'out/linux_arm64/x', y: 'y' },
            needs: ['make linux/arm64'],
          },
        ],
      },
    ],
  })
})
