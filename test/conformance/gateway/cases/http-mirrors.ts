/** Mirrors of HTTPRoutes: copies of requests that the pods of another Service see. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { ask, eventually, expectAnswer } from '../client.ts'
import { parseRequest } from '../expecting.ts'
import { edited, edits, toBeEdited } from '../http-table.ts'
import { matching, route } from '../objects.ts'
import { filter, filtered, type SuiteCase } from '../suite-case.ts'
import type { TrafficWorld } from '../traffic-world.ts'

const v = (version: number) => `infra-backend-v${version}`

export const httpMirrorCases: readonly SuiteCase<TrafficWorld>[] = [
  mirrorCase('HTTPRouteRequestMirror', [2]),
  mirrorCase('HTTPRouteRequestMultipleMirrors', [2, 3]),
  {
    name: 'HTTPRouteRequestPercentageMirror',
    objects: [
      route('HTTPRoute', 'web', {
        rules: [
          filtered(matching(['/percent'], v(1)), filter.mirror(v(2), { percent: 20 })),
          filtered(
            matching(['/fraction'], v(1)),
            filter.mirror(v(2), { fraction: { numerator: 25, denominator: 50 } }),
          ),
          filtered(matching(['/edited'], v(1)), edits, filter.mirror(v(2), { percent: 35 })),
        ],
      }),
    ],
    async run(world) {
      const at = world.addressOf('same-namespace')
      for (const [path, share] of [
        ['/percent', 0.2],
        ['/fraction', 0.5],
        ['/edited', 0.35],
      ] as const) {
        const asked = { at, ...parseRequest(`${path}?id=${randomUUID()} ${toBeEdited}`) }
        for (let sent = 0; sent < 500; sent += 10) {
          const answers = await Promise.all(Array.from({ length: 10 }, async () => ask(asked)))
          for (const answer of answers) expectAnswer(answer, { backend: v(1) })
        }
        const margin = 4 * Math.sqrt(500 * share * (1 - share))
        await eventually(async () => {
          const seen = mirrored(world, 2, asked.path ?? '').length
          assert.ok(Math.abs(seen - 500 * share) <= margin, `${seen} of 500 mirrored, expected ${share}`)
        })
      }
    },
  },
]

/** Requests with a path that pods of a version were asked. */
function mirrored(world: TrafficWorld, version: number, path: string) {
  return world.pods
    .log(v(version))
    .flatMap(({ requests }) => requests.filter((request) => request.path === path))
}

function mirrorCase(name: string, versions: readonly number[]): SuiteCase<TrafficWorld> {
  const mirrors = versions.map((version) => filter.mirror(v(version)))
  return {
    name,
    objects: [
      route('HTTPRoute', 'web', {
        rules: [
          filtered(matching(['/mirror'], v(1)), ...mirrors),
          filtered(matching(['/mirror-edited'], v(1)), edits, ...mirrors),
        ],
      }),
    ],
    async run(world) {
      const at = world.addressOf('same-namespace')
      for (const path of ['/mirror', '/mirror-edited']) {
        const asked = { at, ...parseRequest(`${path}?id=${randomUUID()} ${toBeEdited}`) }
        expectAnswer(await ask(asked), { backend: v(1), seen: path === '/mirror' ? {} : edited })
        await eventually(async () => {
          for (const version of versions) {
            const copies = mirrored(world, version, asked.path ?? '')
            assert.equal(copies.length, 1, `copies at version ${version}`)
            const expected = path === '/mirror' ? {} : edited.headers
            for (const [header, value] of Object.entries(expected))
              assert.equal(copies[0]?.headers[header], value)
          }
        })
      }
    },
  }
}
