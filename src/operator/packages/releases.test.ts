/** Versions of packages that have been given out: the same objects for ever, whatever Slipway becomes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkGolden } from '../../../test/support/golden.ts'
import { loadKubeSchema } from '../../kube/index.ts'
import { formatYaml } from '../../yaml/index.ts'
import { loadInstallations } from '../installation/load-installations.ts'
import { renderInstallation } from '../render/render.ts'
import { builtInPackages, facades } from './built-in.ts'

const schema = await loadKubeSchema()

async function render(name: string, version: string, values: object): Promise<string> {
  const text = JSON.stringify({
    apiVersion: 'slipway.dev/v1alpha1',
    kind: 'Installation',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { package: { name, version }, values },
  })
  const [installation] = loadInstallations(text, 'golden', facades)
  const { objects } = renderInstallation(installation!, builtInPackages.find(name, version), {
    schema,
    namespace: 'x',
  })
  return objects.map((object) => `---\n${formatYaml(object)}`).join('')
}

const everything = {
  replicas: 3,
  image: 'registry.example/nginx:1',
  config: 'server { listen 8080; }',
  service: { type: 'LoadBalancer', port: 8000 },
  tls: { secretName: 'web-tls' },
  autoscaling: { minReplicas: 3, maxReplicas: 9, cpuPercent: 60 },
  networkPolicy: true,
}

for (const { name, version, example = {} } of builtInPackages.packages)
  test(`${name} ${version} with as few values as can be`, async () =>
    checkGolden(`operator/${name}-${version}.yaml`, await render(name, version, example)))

for (const version of ['1.0.0', '1.1.0'])
  test(`nginx ${version} with all values`, async () =>
    checkGolden(`operator/nginx-${version}-all.yaml`, await render('nginx', version, everything)))

test('a facade with an empty spec is the version that it was made with', async () => {
  const text =
    'apiVersion: slipway.dev/v1alpha1\nkind: Nginx\nmetadata: {name: web, namespace: shop}\nspec: {}\n'
  const [installation] = loadInstallations(text, 'facade', facades)
  assert.deepEqual(installation!.package, { name: 'nginx', version: '1.0.0', source: undefined })
  assert.equal(JSON.stringify(facades), '[{"kind":"Nginx","package":"nginx","version":"1.0.0"}]')
})
