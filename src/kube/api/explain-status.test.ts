import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { explainStatus } from './explain-status.ts'

const cause = (reason: string, field: string, message: string) => ({ reason, field, message })
const answer = (status: number, message: string, details: object = {}, reason = '') =>
  explainStatus({ status, body: { kind: 'Status', message, reason, details }, doing: 'apply Service a/b' })

describe('what an answer means', () => {
  const cases: readonly [
    ReturnType<typeof explainStatus>,
    code: string,
    message: string,
    isLasting: boolean,
  ][] = [
    [answer(401, 'Unauthorized'), 'CLUSTER_UNAUTHORIZED', 'the API server does not know who we are', true],
    [answer(403, 'services is forbidden'), 'CLUSTER_FORBIDDEN', 'services is forbidden', true],
    [
      answer(403, 'no', { causes: [cause('NamespaceTerminating', 'metadata.namespace', 'x')] }),
      'NAMESPACE_MISSING',
      'its namespace is being deleted',
      true,
    ],
    [
      answer(404, 'namespaces "a" not found', { kind: 'namespaces' }),
      'NAMESPACE_MISSING',
      'namespaces "a" not found',
      true,
    ],
    [
      answer(404, 'the server could not find the requested resource'),
      'KIND_UNKNOWN',
      'the server could not find the requested resource',
      true,
    ],
    [
      answer(409, 'x', {
        causes: [
          cause('FieldManagerConflict', '.spec.a', 'conflict with "kubectl" using v1'),
          cause('FieldManagerConflict', '.spec.b', 'conflict with "hpa"'),
        ],
      }),
      'FIELD_CONFLICT',
      '.spec.a (manager kubectl), .spec.b (manager hpa) belong to somebody else',
      true,
    ],
    [answer(409, 'modified'), 'OBJECT_CHANGED', 'modified', true],
    [answer(409, 'please retry', {}, 'ServerTimeout'), 'OBJECT_CHANGED', 'please retry', false],
    [
      answer(422, 'x', { causes: [cause('FieldValueInvalid', 'spec.a', 'must be 1')] }),
      'OBJECT_INVALID',
      'spec.a: must be 1',
      true,
    ],
    [
      answer(422, 'spec.selector: field is immutable', {
        causes: [cause('FieldValueInvalid', 'spec.selector', 'field is immutable')],
      }),
      'OBJECT_IMMUTABLE',
      'spec.selector: field is immutable',
      true,
    ],
    [
      answer(500, '.spec.x: field not declared in schema'),
      'OBJECT_INVALID',
      '.spec.x: field not declared in schema',
      true,
    ],
    [answer(500, 'etcdserver: leader\n changed'), 'CLUSTER_REFUSED', 'etcdserver: leader changed', false],
    [answer(429, 'slow down'), 'CLUSTER_UNREACHABLE', 'the API server is overloaded: slow down', false],
    [answer(503, 'starting'), 'CLUSTER_UNREACHABLE', 'the API server is not ready: starting', false],
    [
      explainStatus({ status: 504, body: 'gateway timeout', doing: 'apply Service a/b' }),
      'CLUSTER_UNREACHABLE',
      'the API server is not ready: it answered 504',
      false,
    ],
  ]
  for (const [failure, code, message, isLasting] of cases)
    test(`${failure.status}: ${message}`, () => {
      assert.deepEqual(
        [failure.code, failure.message, failure.isLasting],
        [code, `cannot apply Service a/b: ${message}`, isLasting],
      )
    })
})
