/** `--set` on the images of slipway.yaml and of Istio's docker.yaml. */
import { Failure } from '../../base/index.ts'
import type { Plan, PlanImage, PlanText } from './model.ts'
import { booleanOf, type Override, type OverrideKey } from './overrides.ts'

/** Why a key that bake files know has no meaning here. */
const elsewhere: Partial<Record<OverrideKey, string>> = {
  attest: 'attestations are asked for on the command line',
  call: 'use --check',
  'no-cache': 'use --no-cache',
  'no-cache-filter': 'use --no-cache',
}

/** @throws Failure USAGE for a key without a meaning in these plans */
export function overridePlan(plan: Plan, overrides: readonly Override[]): Plan {
  if (overrides.length === 0) return plan
  return {
    ...plan,
    images: plan.images.map((image) =>
      overrides.filter(({ targets }) => targets.includes(image.name)).reduce(overrideImage, image),
    ),
  }
}

/** What becomes of an image; the values as texts of the plan. */
type Change = (
  image: PlanImage,
  given: { readonly one: PlanText; readonly many: readonly PlanText[] },
  override: Override,
) => PlanImage

const added =
  (field: 'args' | 'labels' | 'contexts'): Change =>
  (image, { one }, { name }) => ({
    ...image,
    [field]: new Map([...image[field], [name!, one] as const]),
  })
const replaced =
  (field: 'context' | 'dockerfile' | 'target'): Change =>
  (image, { one }) => ({ ...image, [field]: one })
const listed =
  (field: 'platforms' | 'outputs'): Change =>
  (image, { many }, { appends }) => ({
    ...image,
    [field]: [...((appends && image[field]) || []), ...many],
  })
const sent =
  (output: string): Change =>
  (image, { one }, override) =>
    booleanOf(override) ? { ...image, outputs: [...(image.outputs ?? []), { ...one, text: output }] } : image

const changes: Partial<Record<OverrideKey, Change>> = {
  annotation: (image, { many }, override) => ({
    ...image,
    annotations: new Map([...image.annotations, ...many.map((text) => annotation(text, override))]),
  }),
  arg: added('args'),
  label: added('labels'),
  contexts: added('contexts'),
  context: replaced('context'),
  dockerfile: replaced('dockerfile'),
  target: replaced('target'),
  platform: listed('platforms'),
  output: listed('outputs'),
  push: sent('type=registry'),
  load: sent('type=docker'),
  tag: (image, { many }, override) => {
    if (override.appends) throw useless(override, 'tags are added for all images: --tag TAG')
    return { ...image, references: many }
  },
  // Base images are looked up in every run.
  pull: (image, _, override) => (booleanOf(override), image),
}

function overrideImage(image: PlanImage, override: Override): PlanImage {
  const { key, values } = override
  const change = changes[key]
  if (!change) throw useless(override, elsewhere[key] ?? 'it is for bake and compose files')
  const literal = (text: string): PlanText => ({ text, at: image.at, isLiteral: true })
  const many = values.filter((text) => text !== '').map(literal)
  return change(image, { one: literal(values.at(-1) ?? ''), many }, override)
}

function annotation({ text, at }: PlanText, override: Override): readonly [string, PlanText] {
  const equals = text.indexOf('=')
  if (equals > 0) return [text.slice(0, equals), { text: text.slice(equals + 1), at, isLiteral: true }]
  throw useless(override, 'write KEY=VALUE')
}

function useless({ written, key }: Override, hint: string): Failure {
  return new Failure('USAGE', `cannot use --set "${written}": "${key}" means nothing in this plan`, { hint })
}
