import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Failure } from '../../base/index.ts'
import { parseDockerfile } from '../../dockerfile/index.ts'
import { parsePlatform } from '../../oci/index.ts'
import type { EvaluateRequest } from './evaluate.ts'
import { findOrigins } from './origins.ts'
import { stageGraph } from './stage-graph.ts'

const platform = parsePlatform('linux/amd64')

function find(text: string): Promise<unknown> {
  const graph = stageGraph(parseDockerfile(text, 'Dockerfile'), {
    targetPlatform: platform,
    buildPlatform: platform,
    buildArgs: {},
    contexts: {},
  })
  const request: Partial<EvaluateRequest> = {
    target: { platform, files: undefined, context: '/', contexts: {}, needs: [] },
    resolveBase: async ({ repository }) => {
      throw new Failure('BASE_NOT_FOUND', `no ${repository}`, { hint: 'check the name' })
    },
  }
  return findOrigins(graph, request as EvaluateRequest)
}

describe('a base that is not there', () => {
  test('is reported where COPY names it, with the stage that may have been meant', () =>
    assert.rejects(
      find('FROM scratch AS builder\nFROM scratch\nCOPY --from=bulder /x /'),
      (error: Failure) => {
        assert.deepEqual([error.code, error.at?.line, error.at?.column], ['BASE_NOT_FOUND', 3, 13])
        assert.equal(error.hint, 'did you mean the stage "builder"?')
        return true
      },
    ))
  test('keeps its own hint when no stage has a name like it', () =>
    assert.rejects(find('FROM scratch AS builder\nFROM debian'), {
      message: 'no library/debian',
      hint: 'check the name',
    }))
})
