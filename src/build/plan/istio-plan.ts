/**
 * Istio's `tools/docker.yaml` as a plan, with what its docker-builder adds: the variants debug (the default) and
 * distroless, build arguments from the environment and the repository, and the environment variables of its Makefile.
 */
import { checkSchema, type YamlDocument } from '../../yaml/index.ts'
import type { Place } from '../../base/index.ts'
import { checkNames } from './check-names.ts'
import { documentTexts, type DocumentTexts } from './document-texts.ts'
import { istioArgs } from './istio-args.ts'
import type { Plan, PlanImage, PlanText, PlanWarning } from './model.ts'
import { istioPlanSchema } from './schema.ts'

/** Where Istio publishes its own images; its docker-builder pushes there only in CI. */
const officialHubs = ['docker.io/istio', 'gcr.io/istio-release', 'gcr.io/istio-testing']

const planKeys = new Set(['images', 'example'])
const imageKeys = new Set(['name', 'dockerfile', 'files', 'targets', 'base', 'emulationRequired'])

/** Whether a plan file is Istio's: named docker.yaml, or not named slipway.yaml and without any key of Slipway's own. */
export function isIstioPlan(fileName: string, value: unknown): boolean {
  if (/^slipway\.ya?ml$/.test(fileName)) return false
  if (/^docker\.ya?ml$/.test(fileName)) return true
  if (typeof value !== 'object' || value === null || !('images' in value)) return false
  if (!Object.keys(value).every((key) => planKeys.has(key)) || !Array.isArray(value.images)) return false
  return value.images.every(
    (image: unknown) =>
      typeof image === 'object' && image !== null && Object.keys(image).every((key) => imageKeys.has(key)),
  )
}

/** @throws Failure PLAN_INVALID, all problems of the file in one */
export function readIstioPlan(document: YamlDocument, start: Pick<Plan, 'root' | 'env'>): Plan {
  checkSchema(document, istioPlanSchema)
  const { env, root } = start
  const texts = documentTexts(document)
  const at = document.placeOf(['images'], 'key')
  const literal = (text: string): PlanText => ({ text, at, isLiteral: true })
  const warnings: PlanWarning[] = []
  const args = istioArgs(root, env, (message) => warnings.push({ message }))
  const defaultImages = words(env['DOCKER_TARGETS'])?.map((name) => name.replace(/^docker\./, ''))
  const plan: Plan = {
    format: 'istio',
    file: document.file,
    root,
    env: { ...env, SIDECAR: 'envoy', RELEASE_MODE: env['DEBUG_IMAGE'] === undefined ? 'release' : 'debug' },
    hubs: (words(env['HUBS']) ?? [env['HUB'] || 'localhost:5000']).map(literal),
    tags: (words(env['TAGS']) ?? [env['TAG'] || 'latest']).map(literal),
    platforms: (words(env['DOCKER_ARCHITECTURES'], ',') ?? ['linux/amd64']).map(literal),
    args: new Map([...args].map(([key, value]) => [key, literal(value)] as const)),
    labels: new Map(),
    annotations: new Map(),
    variants: ['debug', 'distroless'].map((name) => ({
      name,
      isDefault: name === 'debug',
      args: new Map([['BASE_DISTRIBUTION', literal(name)]]),
      target: undefined,
      at,
    })),
    artifacts: [],
    images: (texts.value(['images']) as unknown[]).map((_, index) =>
      readImage(document, texts, index, env['ISTIO_DOCKER_QEMU']),
    ),
    delegate: undefined,
    groups: new Map(),
    defaults: {
      ...(defaultImages && { images: defaultImages }),
      variants: defaultVariants(env),
    },
    release: { protectedHubs: officialHubs.map(literal) },
    warnings,
  }
  checkNames(plan)
  return plan
}

function readImage(
  document: YamlDocument,
  texts: DocumentTexts,
  index: number,
  emulation: string | undefined,
): PlanImage {
  const path = ['images', index]
  const name = texts.text([...path, 'name'])!.text
  const at = document.placeOf([...path, 'name'])
  const none: ReadonlyMap<string, PlanText> = new Map()
  return {
    name,
    dockerfile: texts.text([...path, 'dockerfile'])!,
    context: undefined,
    files: texts.texts([...path, 'files']).map((from) => ({ from, to: undefined })),
    targets: texts.texts([...path, 'targets']),
    artifacts: [],
    contexts: none,
    // Istio's test applications are the same in both variants, so docker-builder leaves distroless out.
    variants: name.startsWith('app_') ? [{ text: 'debug', at, isLiteral: true }] : undefined,
    platforms: undefined,
    target: undefined,
    args: virtualMachineArgs(name, at),
    labels: none,
    annotations: none,
    capabilities: none,
    isBase: texts.value([...path, 'base']) === true,
    emulationRequired:
      texts.value([...path, 'emulationRequired']) === true &&
      !/^(?:1|t|T|TRUE|true|True)$/.test(emulation ?? ''),
    delegate: undefined,
    at,
  }
}

/** `app_sidecar_debian_12` is for debian 12, and so is `app_sidecar_base_debian_12`. */
function virtualMachineArgs(name: string, at: Place): ReadonlyMap<string, PlanText> {
  const match = /^app_sidecar_(?:base_)?([^_]+)_([^_]+)/.exec(name)
  if (!match) return new Map()
  return new Map([
    ['VM_IMAGE_NAME', { text: match[1]!, at, isLiteral: true }],
    ['VM_IMAGE_VERSION', { text: match[2]!, at, isLiteral: true }],
  ])
}

function defaultVariants(env: Plan['env']): string[] {
  const asked = words(env['DOCKER_BUILD_VARIANTS']) ?? ['default']
  return env['INCLUDE_UNTAGGED_DEFAULT'] === 'true' ? [...new Set(['default', ...asked])] : asked
}

/** Words of an environment variable; nothing when it is not set or has none. */
function words(text: string | undefined, separator = ' '): string[] | undefined {
  const found = (text ?? '')
    .split(separator)
    .map((word) => word.trim())
    .filter((word) => word !== '')
  return found.length > 0 ? found : undefined
}
