import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkShape } from './check-object.ts'
import { loadKubeSchema } from './kube-schema.ts'

const schema = await loadKubeSchema()
const deployment = (spec: object) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { selector: {}, template: { spec: { containers: [{ name: 'web', ...spec }] } } },
})
const container = 'spec.template.spec.containers[name=web]'

describe('objects against the shapes of their kinds', () => {
  const { shape, resource, isNamespaced } = schema.find({ apiVersion: 'apps/v1', kind: 'Deployment' })!

  test('kinds know their address', () => {
    assert.deepEqual([resource, isNamespaced], ['deployments', true])
    assert.equal(schema.find({ apiVersion: 'v1', kind: 'Namespace' })?.isNamespaced, false)
    assert.equal(schema.find({ apiVersion: 'apps/v1beta1', kind: 'Deployment' }), undefined)
    assert.ok(schema.kinds.length > 40)
  })

  const cases: readonly [name: string, fields: object, issue: string | undefined][] = [
    ['a good container', { image: 'nginx', ports: [{ containerPort: 80 }] }, undefined],
    ['a slip of the hand', { imgae: 'nginx' }, `${container}.imgae is not a field of this kind`],
    ['a wrong type', { image: 3 }, `${container}.image must be a text, not the number 3`],
    ['null', { image: null }, `${container}.image is empty`],
    ['a good quantity', { resources: { limits: { cpu: '1.5', memory: '1e3' } } }, undefined],
    [
      'a bad quantity',
      { resources: { limits: { cpu: '1 core' } } },
      `${container}.resources.limits[cpu] must be a quantity such as 100m or 64Mi, not "1 core"`,
    ],
    [
      'one port twice, by default of its protocol',
      { ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'TCP' }] },
      `${container}.ports[containerPort=80,protocol=TCP] is there twice, which cannot be applied`,
    ],
    [
      'one port in two protocols',
      { ports: [{ containerPort: 80 }, { containerPort: 80, protocol: 'UDP' }] },
      undefined,
    ],
    [
      'what is missing',
      { ports: [{}] },
      `${container}.ports[containerPort=undefined,protocol=TCP].containerPort is missing`,
    ],
    ['a list that is none', { args: 'x' }, `${container}.args must be a list, not "x"`],
    [
      'a number or a text',
      { livenessProbe: { httpGet: { port: true } } },
      `${container}.livenessProbe.httpGet.port must be a whole number or a text, not the boolean true`,
    ],
  ]
  for (const [name, fields, issue] of cases)
    test(name, () => {
      const issues = checkShape(deployment(fields), shape)
      assert.deepEqual(
        issues.map(({ path, message }) => `${path} ${message}`),
        issue === undefined ? [] : [issue],
      )
    })
})
