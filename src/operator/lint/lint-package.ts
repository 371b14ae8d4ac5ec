/** What experience says about packages that a schema cannot: found in what they render. */
import { Failure } from '../../base/index.ts'
import { asMap, formatObject, groupOf, valueAt, type KubeObject, type KubeSchema } from '../../kube/index.ts'
import type { YamlDocument } from '../../yaml/index.ts'
import { defaultPolicy, type Installation } from '../installation/installation.ts'
import type { Package } from '../package/package.ts'
import { renderInstallation } from '../render/render.ts'

export interface LintFinding {
  readonly severity: 'error' | 'warning'
  /** stable: `image-not-pinned` */
  readonly rule: string
  readonly message: string
}

/** Rendered with its example, or no values at all. Sorted as objects are applied. */
export function lintPackage(from: Package, schema: KubeSchema): LintFinding[] {
  const render = () => renderInstallation(installationOf(from), from, { schema, namespace: 'lint' })
  try {
    const { objects, digest } = render()
    const findings = objects.flatMap((object) => rules.flatMap((rule) => rule(object, objects)))
    if (render().digest !== digest)
      findings.unshift({
        severity: 'error',
        rule: 'not-deterministic',
        message: 'the same values give other objects each time',
      })
    return findings
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return [error, ...error.others].map(({ message }) => ({
      severity: 'error',
      rule: 'cannot-render',
      message,
    }))
  }
}

function installationOf({ name, version, example = {} }: Package): Installation {
  const place = { file: `the example of package ${name}`, line: 1, column: 1 }
  const values: YamlDocument = {
    file: place.file,
    value: example,
    placeOf: () => place,
    tagOf: () => undefined,
  }
  return {
    name: 'example',
    namespace: undefined,
    kind: 'Installation',
    package: { name, version, source: undefined },
    values,
    overlays: [],
    policy: defaultPolicy,
    placeOf: () => place,
  }
}

type Rule = (object: KubeObject, all: readonly KubeObject[]) => LintFinding[]

function finding(
  severity: LintFinding['severity'],
  rule: string,
  object: KubeObject,
  what: string,
): LintFinding {
  return { severity, rule, message: `${formatObject(object)} ${what}` }
}

function podOf(object: KubeObject): unknown {
  return (
    valueAt(object, 'spec', 'template', 'spec') ??
    valueAt(object, 'spec', 'jobTemplate', 'spec', 'template', 'spec')
  )
}

function containersOf(object: KubeObject): readonly Readonly<Record<string, unknown>>[] {
  const pod = podOf(object)
  return ['initContainers', 'containers'].flatMap((field) => {
    const list = valueAt(pod, field)
    return Array.isArray(list) ? list.map(asMap).filter((item) => item !== undefined) : []
  })
}

const serving = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])

const rules: readonly Rule[] = [
  (object) =>
    containersOf(object)
      .filter(({ image }) => !isPinned(String(image)))
      .map(({ name, image }) =>
        finding(
          'error',
          'image-not-pinned',
          object,
          `runs ${String(image)} as ${String(name)}, which is another one tomorrow`,
        ),
      ),
  (object) =>
    serving.has(object.kind)
      ? containersOf(object)
          .filter(({ readinessProbe, ports }) => Array.isArray(ports) && readinessProbe === undefined)
          .map(({ name }) =>
            finding('warning', 'no-readiness-probe', object, `does not say when ${String(name)} is ready`),
          )
      : [],
  (object) =>
    containersOf(object)
      .filter((container) => valueAt(container, 'resources', 'requests') === undefined)
      .map(({ name }) =>
        finding('warning', 'no-requests', object, `does not say what ${String(name)} needs`),
      ),
  (object) => {
    const pod = podOf(object)
    if (pod === undefined || valueAt(pod, 'securityContext', 'runAsNonRoot') === true) return []
    const mayBeRoot = containersOf(object).some(
      (container) => valueAt(container, 'securityContext', 'runAsNonRoot') !== true,
    )
    return mayBeRoot ? [finding('warning', 'may-run-as-root', object, 'may run as root')] : []
  },
  (object) => {
    if (groupOf(object) !== 'rbac.authorization.k8s.io' || !Array.isArray(object['rules'])) return []
    const isWide = object['rules'].some((rule) =>
      ['verbs', 'resources', 'apiGroups'].some((field) => {
        const list = valueAt(rule, field)
        return Array.isArray(list) && list.includes('*')
      }),
    )
    return isWide
      ? [
          finding(
            'error',
            'wildcard-rights',
            object,
            'gives rights with *: nobody can tell what they will be',
          ),
        ]
      : []
  },
  (object, all) => {
    if (object.kind !== 'PodDisruptionBudget') return []
    const [least, most] = [valueAt(object, 'spec', 'minAvailable'), valueAt(object, 'spec', 'maxUnavailable')]
    const replicas = all
      .filter(
        (other) =>
          JSON.stringify(valueAt(other, 'spec', 'selector')) ===
          JSON.stringify(valueAt(object, 'spec', 'selector')),
      )
      .map((other) => valueAt(other, 'spec', 'replicas'))
      .find((count) => typeof count === 'number')
    const isStuck =
      most === 0 ||
      most === '0%' ||
      least === '100%' ||
      (typeof least === 'number' && typeof replicas === 'number' && least >= replicas)
    return isStuck
      ? [finding('error', 'blocks-drain', object, 'never lets a pod go, so that no node can be drained')]
      : []
  },
  (object) => {
    const labels = valueAt(object, 'spec', 'selector', 'matchLabels')
    const moving = Object.keys(asMap(labels) ?? {}).filter((key) => /version|chart|revision/.test(key))
    return moving.map((key) =>
      finding('error', 'selector-moves', object, `selects by ${key}, which changes, and selectors cannot`),
    )
  },
]

/** A digest, or a tag that is not one of those that move. */
function isPinned(image: string): boolean {
  if (image.includes('@sha256:')) return true
  const tag = /:([^/:]+)$/.exec(image)?.[1]
  return tag !== undefined && !['latest', 'main', 'master', 'stable', 'edge'].includes(tag)
}
