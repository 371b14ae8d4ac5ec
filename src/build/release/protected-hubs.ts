/**
 * Hubs that only CI may push to. An entry protects the registry and path it names and everything below it: `ghcr.io/acme`
 * protects `ghcr.io/acme/api` and `ghcr.io/acme/tools/lint`, not `ghcr.io/acme-dev/api`. A `*` stands for any text
 * without a slash. Docker's defaults hold: `istio` is `docker.io/istio`. Pure.
 */
import { Failure } from '../../base/index.ts'
import { parseReference } from '../../oci/index.ts'
import type { PlanText } from '../plan/model.ts'
import type { ResolvedPlan } from '../plan/model.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Whether this process runs in CI: the variable CI is set, to something else than nothing, `0` and `false`. */
export function isContinuousIntegration(env: Environment): boolean {
  return !['', '0', 'false'].includes((env['CI'] ?? '').toLowerCase())
}

/** @throws Failure HUB_PROTECTED when names of the plan are in a protected hub and this is not CI */
export function checkProtectedHubs(plan: ResolvedPlan, env: Environment): void {
  const hubs = plan.release?.protectedHubs ?? []
  if (hubs.length === 0 || isContinuousIntegration(env)) return
  const patterns = hubs.map((hub) => ({ hub, pattern: hubPattern(hub.text) }))
  const names = plan.images.flatMap((image) => image.tags)
  for (const { hub, pattern } of patterns) {
    const inside = names.filter((name) => pattern.test(repositoryOf(name)))
    if (inside.length > 0) throw refusal(hub, inside)
  }
}

/** What a pattern is compared with: `registry/path`. */
function repositoryOf(name: string): string {
  const { registry, repository } = parseReference(name)
  return `${registry}/${repository}`
}

function hubPattern(text: string): RegExp {
  const trimmed = text.replace(/\/+$/, '').replace(/^index\.docker\.io(?=\/|$)/, 'docker.io')
  const first = trimmed.split('/', 1)[0]!
  const hasHost = /[.:[*]/.test(first) || first === 'localhost'
  const whole = hasHost ? trimmed : `docker.io/${trimmed}`
  const source = whole.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&').replaceAll('*', '[^/]*')
  return new RegExp(`^${source}(?:/|$)`)
}

function refusal(hub: PlanText, names: readonly string[]): Failure {
  const [first = '', ...others] = names
  const shown = others.length === 0 ? first : `${first} and ${others.length} more`
  return new Failure('HUB_PROTECTED', `${shown} would be pushed to ${hub.text}, which only CI may push to`, {
    at: hub.at,
    hint: 'push to a hub of your own: --hub localhost:5000/me; CI=1 in the environment says that this is CI',
  })
}
