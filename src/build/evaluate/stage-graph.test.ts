import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseDockerfile } from '../../dockerfile/index.ts'
import { parsePlatform } from '../../oci/index.ts'
import { stageGraph, type GraphOptions } from './stage-graph.ts'

function graph(text: string, options: Partial<GraphOptions> = {}) {
  const platform = parsePlatform('linux/arm64')
  return stageGraph(parseDockerfile(text, 'Dockerfile'), {
    targetPlatform: platform,
    buildPlatform: parsePlatform('linux/amd64'),
    buildArgs: {},
    contexts: {},
    ...options,
  })
}

const istio = `ARG BASE_DISTRIBUTION=debug
ARG BASE_VERSION=latest
FROM hub/base:\${BASE_VERSION} AS debug
FROM hub/distroless:\${BASE_VERSION} AS distroless
FROM \${BASE_DISTRIBUTION:-debug}
COPY x /x
`

describe('stage graph', () => {
  test('picks the stage by an argument and leaves the other alone', () => {
    const { target, reachable, nodes } = graph(istio, { buildArgs: { BASE_DISTRIBUTION: 'distroless' } })
    assert.deepEqual(
      [target, [...reachable], nodes[1]!.from],
      [2, [1, 2], { kind: 'image', reference: 'hub/distroless:latest' }],
    )
  })
  test('an empty argument takes the default of its expansion', () =>
    assert.deepEqual([...graph(istio, { buildArgs: { BASE_DISTRIBUTION: '' } }).reachable], [0, 2]))
  test('finds stages without case, by --target too', () => {
    const { target, nodes } = graph('FROM scratch AS Base\nFROM BASE AS app\nFROM scratch', { stage: 'APP' })
    assert.deepEqual([target, nodes[1]!.from], [1, { kind: 'stage', index: 0 }])
  })
  test('platform arguments need no declaration in FROM', () =>
    assert.deepEqual(graph('FROM --platform=$BUILDPLATFORM img-$TARGETARCH').nodes[0], {
      ...graph('FROM --platform=$BUILDPLATFORM img-$TARGETARCH').nodes[0],
      from: { kind: 'image', reference: 'img-arm64' },
      platform: 'linux/amd64',
    }))
  test('COPY --from reaches stages by name and by index', () => {
    const text =
      'FROM scratch AS a\nFROM scratch AS b\nFROM scratch AS c\nCOPY --from=A /x /\nCOPY --from=1 /y /'
    assert.deepEqual(
      [...graph(text).reachable].toSorted((a, b) => a - b),
      [0, 1, 2],
    )
  })
  test('a named context hides a stage and an image of its name', () => {
    const { nodes, reachable } = graph('FROM debian AS base\nFROM base', { contexts: { Base: '/somewhere' } })
    assert.deepEqual(
      [nodes[1]!.from, [...reachable]],
      [{ kind: 'context', name: 'Base', value: '/somewhere' }, [1]],
    )
  })
  for (const [what, text, message] of [
    ['an empty base name', 'ARG X\nFROM $X', /base name "\$X" is empty/],
    ['a stage that copies from itself', 'FROM scratch AS a\nCOPY --from=a /x /', /is the stage it stands in/],
    ['an index that is not there', 'FROM scratch\nCOPY --from=7 /x /', /no stage 7: the Dockerfile has 1/],
    [
      'a later stage',
      'FROM scratch AS a\nCOPY --from=b /x /\nFROM scratch AS b\nCOPY --from=a /x /',
      /--from=b is a stage that comes later/,
    ],
  ] as const) {
    test(`refuses ${what} with its place`, () =>
      assert.throws(
        () => graph(text),
        (error: { code: string; message: string; at?: object }) => {
          assert.equal(error.code, 'DOCKERFILE_INVALID')
          assert.match(error.message, message)
          assert.ok(error.at)
          return true
        },
      ))
  }
  test('an unknown --target lists the stages', () =>
    assert.throws(() => graph(istio, { stage: 'nope' }), {
      message: /no stage "nope"/,
      hint: 'it has debug, distroless',
    }))
})
