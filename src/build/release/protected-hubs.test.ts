import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ResolvedPlan } from '../plan/model.ts'
import { checkProtectedHubs, isContinuousIntegration } from './protected-hubs.ts'

const at = { file: 'slipway.yaml', line: 3, column: 5 }

function check(hub: string, name: string, env: Record<string, string> = {}): void {
  const plan = {
    images: [{ tags: [name] }],
    release: { protectedHubs: [{ text: hub, at }] },
  } as unknown as ResolvedPlan
  checkProtectedHubs(plan, env)
}

describe('protected hubs', () => {
  for (const [hub, name] of [
    ['gcr.io/istio-release', 'gcr.io/istio-release/pilot:1.2'],
    ['gcr.io/istio-release', 'gcr.io/istio-release/base/pilot:1.2'],
    ['gcr.io/istio-release/', 'gcr.io/istio-release/pilot:1.2'],
    ['istio', 'istio/pilot:1.2'],
    ['index.docker.io/istio', 'docker.io/istio/pilot:1.2'],
    ['docker.io/istio', 'istio/pilot'],
    ['ghcr.io', 'ghcr.io/acme/api:1'],
    ['ghcr.io/*/release', 'ghcr.io/acme/release/api:1'],
    ['*.pkg.dev/acme', 'europe-docker.pkg.dev/acme/api:1'],
    ['*/acme', 'localhost:5000/acme/api:1'],
    ['localhost:5000', 'localhost:5000/api:1'],
  ] as const) {
    test(`${hub} keeps ${name}`, () => {
      assert.throws(() => check(hub, name), { code: 'HUB_PROTECTED', exitStatus: 2, at })
      check(hub, name, { CI: 'true' })
    })
  }
  for (const [hub, name] of [
    ['gcr.io/istio-release', 'gcr.io/istio-release-dev/pilot:1.2'],
    ['gcr.io/istio-release', 'gcr.io/istio/pilot:1.2'],
    ['istio', 'gcr.io/istio/pilot:1.2'],
    ['ghcr.io/*/release', 'ghcr.io/acme/team/release/api:1'],
    ['g.r.io/acme', 'gcr.io/acme/api'],
  ] as const) {
    test(`${hub} does not keep ${name}`, () => check(hub, name))
  }
  test('are open in CI only when CI says so', () =>
    assert.deepEqual(
      [{}, { CI: '' }, { CI: 'false' }, { CI: '0' }, { CI: '1' }, { CI: 'true' }].map(
        isContinuousIntegration,
      ),
      [false, false, false, false, true, true],
    ))
})
