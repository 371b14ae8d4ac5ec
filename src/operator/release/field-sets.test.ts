import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { FieldSet, KubeObject } from '../../kube/index.ts'
import { extractFields, joinFields, subtractFields } from './field-sets.ts'

const names = fc.constantFrom('f:a', 'f:b', 'k:{"name":"x"}')
const { fields } = fc.letrec<{ fields: FieldSet }>((tie) => ({
  fields: fc.dictionary(names, fc.oneof({ maxDepth: 3 }, fc.constant<FieldSet>({}), tie('fields')), {
    maxKeys: 3,
    noNullPrototype: true,
  }),
}))

describe('sets of fields', () => {
  test('what is taken away and put back is what was there', () => {
    fc.assert(
      fc.property(fields, fields, (one, other) => {
        const joined = joinFields(one, other)
        assert.deepEqual(subtractFields(joined, joined), {})
        assert.deepEqual(joinFields(one, one), one)
      }),
    )
  })

  test('parts of a field stay where others are taken', () => {
    const own: FieldSet = { 'f:spec': { 'f:a': {}, 'f:b': { '.': {}, 'f:c': {} } } }
    assert.deepEqual(subtractFields(own, { 'f:spec': { 'f:a': {} } }), {
      'f:spec': { 'f:b': { '.': {}, 'f:c': {} } },
    })
    assert.deepEqual(subtractFields(own, { 'f:spec': { 'f:b': { '.': {} } } }), {
      'f:spec': { 'f:a': {}, 'f:b': { 'f:c': {} } },
    })
    assert.deepEqual(subtractFields(own, own), {})
  })

  test('what is owned of an object, with the keys of its items', () => {
    const object = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: 'shop', labels: { a: '1', b: '2' }, uid: 'u' },
      spec: {
        clusterIP: '10.0.0.1',
        ports: [
          { port: 80, protocol: 'TCP', targetPort: 8080 },
          { port: 99, protocol: 'TCP' },
        ],
        list: ['x', 'y'],
      },
      status: {},
    } as KubeObject
    const owned: FieldSet = {
      'f:metadata': { 'f:labels': { 'f:a': {} } },
      'f:spec': {
        'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {}, 'f:targetPort': {} } },
        'f:list': { 'v:"y"': {} },
      },
    }
    assert.deepEqual(extractFields(object, owned), {
      apiVersion: 'v1',
      kind: 'Service',
      spec: { ports: [{ port: 80, protocol: 'TCP', targetPort: 8080 }], list: ['y'] },
      metadata: { name: 'web', namespace: 'shop', labels: { a: '1' } },
    })
  })
})
