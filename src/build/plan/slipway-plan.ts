/** `slipway.yaml` as a plan. */
import type { YamlDocument } from '../../yaml/index.ts'
import { checkSchema } from '../../yaml/index.ts'
import {
  sbomFormats,
  type AttestOptions,
  type ProvenanceMode,
  type SbomFormat,
} from '../attest/attest-options.ts'
import type { DelegateSetting } from '../delegate/choice.ts'
import { checkNames } from './check-names.ts'
import { documentTexts, type DocumentTexts } from './document-texts.ts'
import type { Plan, PlanArtifact, PlanFile, PlanImage, PlanVariant } from './model.ts'
import type { ReleaseRules } from './release-rules.ts'
import { slipwayPlanSchema } from './schema.ts'

/** @throws Failure PLAN_INVALID, all problems of the file in one */
export function readSlipwayPlan(document: YamlDocument, start: Pick<Plan, 'root' | 'env'>): Plan {
  checkSchema(withoutExtensions(document), slipwayPlanSchema)
  const texts = documentTexts(document)
  const plan: Plan = {
    format: 'slipway',
    file: document.file,
    ...start,
    hubs: texts.texts(['hubs']),
    tags: texts.texts(['tags']),
    platforms: texts.texts(['platforms']),
    args: texts.map(['args']),
    labels: texts.map(['labels']),
    annotations: texts.map(['annotations']),
    variants: texts.keys(['variants']).map((name) => readVariant(document, texts, name)),
    artifacts: texts.keys(['artifacts']).map((name) => readArtifact(document, texts, name)),
    images: (texts.value(['images']) as unknown[]).map((_, index) => readImage(document, texts, index)),
    delegate: texts.value(['delegate']) as DelegateSetting | undefined,
    groups: new Map(texts.keys(['groups']).map((name) => [name, texts.texts(['groups', name])] as const)),
    defaults: {},
    release: readRules(texts),
    warnings: [],
  }
  checkNames(plan)
  return plan
}

function readRules(texts: DocumentTexts): ReleaseRules {
  const noClobber = texts.value(['noClobber'])
  return {
    protectedHubs: texts.texts(['protectedHubs']),
    noClobber: noClobber === 'strict' ? 'strict' : noClobber === true ? 'once' : undefined,
    attest: readAttest(texts),
    git: [
      ...(texts.value(['gitLabels']) === true ? (['labels'] as const) : []),
      ...(texts.value(['gitAnnotations']) === true ? (['annotations'] as const) : []),
    ],
  }
}

function readAttest(texts: DocumentTexts): AttestOptions {
  const sbom = texts.value(['sbom']) as SbomFormat | 'both' | undefined
  const mode = texts.value(['provenance']) as ProvenanceMode | undefined
  return {
    sbom: sbom === 'both' ? sbomFormats : sbom === undefined ? [] : [sbom],
    ...(mode && { provenance: { mode } }),
  }
}

/** Top-level keys that begin with `x-` hold what anchors share. */
function withoutExtensions(document: YamlDocument): YamlDocument {
  const { value } = document
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return document
  const kept = Object.entries(value).filter(([key]) => !key.startsWith('x-'))
  return { ...document, value: Object.fromEntries(kept) }
}

function readVariant(document: YamlDocument, texts: DocumentTexts, name: string): PlanVariant {
  const path = ['variants', name]
  return {
    name,
    isDefault: texts.value([...path, 'default']) === true,
    args: texts.map([...path, 'args']),
    target: texts.text([...path, 'target']),
    at: document.placeOf(path, 'key'),
  }
}

function readArtifact(document: YamlDocument, texts: DocumentTexts, name: string): PlanArtifact {
  const path = ['artifacts', name]
  const line = texts.text([...path, 'command'])
  const argv = texts.value([...path, 'command'])
  return {
    name,
    run: line
      ? { kind: 'shell', line }
      : Array.isArray(argv)
        ? { kind: 'argv', argv: texts.texts([...path, 'command']) }
        : { kind: 'make', targets: texts.texts([...path, 'make']) },
    env: texts.map([...path, 'env']),
    outputs: texts.texts([...path, 'outputs']),
    isPerPlatform: texts.value([...path, 'perPlatform']) !== false,
    at: document.placeOf(path, 'key'),
  }
}

function readImage(document: YamlDocument, texts: DocumentTexts, index: number): PlanImage {
  const path = ['images', index]
  const optionalTexts = (key: string) =>
    texts.value([...path, key]) === undefined ? undefined : texts.texts([...path, key])
  return {
    name: texts.text([...path, 'name'])!.text,
    dockerfile: texts.text([...path, 'dockerfile'])!,
    context: texts.text([...path, 'context']),
    files: ((texts.value([...path, 'files']) as unknown[] | undefined) ?? []).map((_, item) =>
      readFile(texts, [...path, 'files', item]),
    ),
    targets: texts.texts([...path, 'targets']),
    artifacts: texts.texts([...path, 'artifacts']),
    contexts: texts.map([...path, 'contexts']),
    variants: optionalTexts('variants'),
    platforms: optionalTexts('platforms'),
    target: texts.text([...path, 'target']),
    args: texts.map([...path, 'args']),
    labels: texts.map([...path, 'labels']),
    annotations: texts.map([...path, 'annotations']),
    capabilities: texts.map([...path, 'capabilities']),
    isBase: texts.value([...path, 'base']) === true,
    emulationRequired: texts.value([...path, 'emulationRequired']) === true,
    delegate: texts.value([...path, 'delegate']) as DelegateSetting | undefined,
    at: document.placeOf([...path, 'name']),
  }
}

function readFile(texts: DocumentTexts, path: (string | number)[]): PlanFile {
  const plain = texts.text(path)
  if (plain) return { from: plain, to: undefined }
  return { from: texts.text([...path, 'from'])!, to: texts.text([...path, 'to']) }
}
