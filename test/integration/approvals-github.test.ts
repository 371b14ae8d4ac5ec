/** Approvals of GitHub from a server with its pages, limits, failures and renames; a store that outlives a killed process. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { suite, test, type TestContext } from 'node:test'
import {
  eventFormat,
  readGithub,
  type ApprovalEvent,
  type EventRecord,
  type GithubOptions,
  type SourceRecord,
  type SourceEvent,
} from '../../src/approvals/index.ts'
import {
  startFakeGithub,
  type FakeActor,
  type FakeGithub,
  type FakePull,
  type FakeReview,
} from '../support/forges/fake-github.ts'
import { slipway } from '../support/slipway.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const ada: FakeActor = { id: 1, login: 'ada' }
const bob: FakeActor = { id: 2, login: 'bob' }

const day = (index: number) =>
  new Date(Date.UTC(2020, 0, 1) + index * 86_400_000).toISOString().replace('.000Z', 'Z')

function pull(
  number: number,
  reviews: readonly Partial<FakeReview>[] = [{}],
  more: Partial<FakePull> = {},
): FakePull {
  return {
    number,
    created: day(number),
    updated: day(number + 1),
    merged: day(number + 1),
    state: 'MERGED',
    author: ada,
    reviews: reviews.map((review, index) => ({
      id: number * 1000 + index,
      state: 'APPROVED',
      at: day(number + 1),
      author: bob,
      ...review,
    })),
    ...more,
  }
}

const many = (count: number) => Array.from({ length: count }, (_, index) => pull(index + 1))

/** A clock that is never waited for, and adds up what it was asked to wait. */
function fakeClock() {
  let now = Date.UTC(2024, 0, 1)
  const waits: number[] = []
  return {
    waits,
    now: () => now,
    random: () => 0.5,
    sleep: async (milliseconds: number) => {
      now += milliseconds
      waits.push(milliseconds)
    },
  }
}

const format = eventFormat()
const formatEvents = (records: Parameters<typeof format>[0]) => format(records).toString()

async function start(t: TestContext, pulls: FakePull[]): Promise<FakeGithub> {
  const github = await startFakeGithub(pulls)
  t.after(() => github.close())
  return github
}

async function read(github: FakeGithub, options: Partial<GithubOptions> = {}, repo = 'o/r') {
  const told: SourceEvent[] = []
  const records: EventRecord[] = []
  const clock = fakeClock()
  const source = readGithub([repo], {
    apiUrl: github.url,
    token: 'secret-token',
    emit: (event) => told.push(event),
    clock,
    ...options,
  })
  for await (const batch of source) records.push(...batch)
  const events = records.filter((record): record is ApprovalEvent => record.kind === 'approval')
  return { records, events, told, clock, waits: told.filter((event) => event.kind === 'waiting') }
}

const rejects =
  (message: RegExp, code = 'APPROVALS_SOURCE') =>
  (error: { code: string; message: string; hint?: string }) => {
    assert.equal(error.code, code)
    assert.match(`${error.message} ${error.hint}`, message)
    assert.doesNotMatch(`${error.message} ${error.hint}`, /secret-token/)
    return true
  }

suite('approvals of GitHub', { timeout: 200_000 }, () => {
  for (const isRest of [false, true])
    suite(isRest ? 'by REST' : 'by GraphQL', () => {
      test('are all reviews of all pages, with accounts that are gone and programs', async (t) => {
        const pulls = many(250)
        pulls[7] = pull(
          8,
          Array.from({ length: 130 }, (_, index) => ({ at: day(index) })),
        )
        pulls[8] = pull(
          9,
          [
            { author: null },
            { author: { id: 9, login: 'dependabot[bot]', type: 'Bot' } },
            { state: 'PENDING', at: null },
          ],
          { author: null },
        )
        pulls[9] = pull(10, [{ state: 'COMMENTED' }, { state: 'approved' }], {
          state: 'CLOSED',
          merged: null,
        })
        const github = await start(t, pulls)
        const { events, records } = await read(github, { isRest })
        assert.equal(events.length, 247 + 130 + 2 + 2)
        assert.deepEqual(
          events
            .filter(({ change }) => change === '#9')
            .map(({ author, approver }) => [author, approver?.type]),
          [
            [null, undefined],
            [null, 'bot'],
          ],
        )
        assert.deepEqual(
          events.filter(({ change }) => change === '#10').map(({ state, outcome }) => [state, outcome]),
          [
            ['commented', 'closed'],
            ['approved', 'closed'],
          ],
        )
        assert.deepEqual(events[0]!.approver, {
          id: `127.0.0.1:${new URL(github.url).port}:2`,
          login: 'bob',
          type: 'user',
        })
        assert.equal(records.at(-1)!.kind, 'end')
        assert.equal(github.mostAtOnce(), 1)
        assert.equal(new Set(github.requests).size, github.requests.length, 'something was asked for twice')
      })

      test('are asked for again only where something changed', async (t) => {
        await using folder = await temporaryFolder()
        const github = await start(t, many(120))
        await read(github, { isRest, store: folder.path })
        const touched = github.pulls[49]!
        touched.updated = day(500)
        touched.reviews.push({ id: 99, state: 'APPROVED', at: day(499), author: { id: 3, login: 'carol' } })
        github.requests.length = 0
        const again = await read(github, { isRest, store: folder.path })
        assert.equal(again.events.length, 121)
        assert.ok(github.requests.length <= (isRest ? 4 : 1), github.requests.join('\n'))
        const fresh = await read(github, { isRest })
        assert.equal(formatEvents(again.records), formatEvents(fresh.records))
      })

      test('follow a repository that was renamed', async (t) => {
        const github = await start(t, many(3))
        github.name = 'new/name'
        const { records, events } = await read(github, { isRest }, 'o/r')
        assert.deepEqual(
          [(records[0] as SourceRecord).repos, events.length, events[0]!.repo],
          [['new/name'], 3, 'new/name'],
        )
      })

      test('wait as long as the server asks, and say so', async (t) => {
        const github = await start(t, many(60))
        const reset = Math.floor(Date.UTC(2024, 0, 1) / 1000) + 900
        github.fault = ({ index }, response) => {
          if (index === 0)
            response
              .writeHead(403, { 'retry-after': '30' })
              .end('{"message":"You have exceeded a secondary rate limit"}')
          else if (index === 1)
            response
              .writeHead(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) })
              .end('{"message":"API rate limit exceeded"}')
          else if (index === 2) response.writeHead(429).end('{}')
          else if (index === 3) response.writeHead(500).end('oops')
          else return false
          return true
        }
        const { events, clock, waits } = await read(github, { isRest })
        assert.equal(events.length, 60)
        assert.deepEqual(clock.waits.slice(0, 3), [30_000, 871_000, 180_000])
        assert.equal(waits.length, 4)
        assert.ok(waits.every((wait) => wait.kind === 'waiting' && wait.delayMs > 0 && wait.reason !== ''))
      })

      test('are refused clearly, and the token is never told', async (t) => {
        const github = await start(t, many(1))
        github.fault = (_, response) => {
          response.writeHead(401).end('{"message":"Bad credentials"}')
          return true
        }
        await assert.rejects(
          read(github, { isRest }),
          rejects(/401 Bad credentials.*GITHUB_TOKEN/, 'APPROVALS_UNAUTHORIZED'),
        )
        github.fault = (_, response) => {
          response.writeHead(502).end()
          return true
        }
        await assert.rejects(read(github, { isRest }), rejects(/502 again and again|cannot make a page/))
        github.fault = (_, response) => {
          response.writeHead(200).end('<html>')
          return true
        }
        await assert.rejects(read(github, { isRest }), rejects(/not JSON/))
      })
    })

  test('come in smaller pages when the server cannot make large ones', async (t) => {
    const github = await start(t, many(100))
    github.fault = ({ first }, response) => {
      if (first <= 20) return false
      response.writeHead(502).end()
      return true
    }
    const { events, told } = await read(github)
    assert.equal(events.length, 100)
    assert.ok(told.some((event) => event.kind === 'note' && /pages have 12/.test(event.message)))
  })

  test('wait for points of GraphQL, whose limit comes with status 200', async (t) => {
    const github = await start(t, many(2))
    const reset = Math.floor(Date.UTC(2024, 0, 1) / 1000) + 60
    github.fault = ({ index }, response) => {
      if (index > 0) return false
      response
        .writeHead(200, { 'x-ratelimit-reset': String(reset) })
        .end('{"data":null,"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]}')
      return true
    }
    const { events, clock } = await read(github)
    assert.deepEqual([events.length, clock.waits], [2, [61_000]])
  })

  test('never take a page that came in part for a whole one', async (t) => {
    const github = await start(t, many(60))
    github.fault = ({ first }, response) => {
      if (first !== 50) return false
      response
        .writeHead(200)
        .end(
          '{"data":{"repository":null},"errors":[{"message":"Something went wrong while executing your query. This may be the result of a timeout"}]}',
        )
      return true
    }
    assert.equal((await read(github)).events.length, 60)
  })

  test('come by REST where GraphQL is not to be had, or there is no token', async (t) => {
    const github = await start(t, many(2))
    github.fault = ({ path }, response) => {
      if (path !== '/graphql') return false
      response.writeHead(200).end('{"errors":[{"type":"FORBIDDEN","message":"Resource not accessible"}]}')
      return true
    }
    assert.equal((await read(github)).events.length, 2)
    const { events, told } = await read(github, { token: undefined })
    assert.equal(events.length, 2)
    assert.ok(told.some((event) => event.kind === 'note' && /no token/.test(event.message)))
  })

  test('of all repositories of an owner leave forks out', async (t) => {
    const github = await start(t, many(2))
    const { events } = await read(github, {}, 'o/*')
    assert.deepEqual([events.length, events[0]!.repo], [2, 'o/r'])
    await assert.rejects(read(github, {}, 'nobody/*'), rejects(/has no \/users\/nobody\/repos/))
  })

  test('that do not exist are a failure', async (t) => {
    const github = await start(t, [])
    github.fault = (_, response) => {
      response
        .writeHead(200)
        .end('{"data":{"repository":null},"errors":[{"type":"NOT_FOUND","message":"Could not resolve"}]}')
      return true
    }
    await assert.rejects(read(github), rejects(/no repository o\/r/))
    await assert.rejects(read(github, {}, 'nothing'), rejects(/"nothing" is no repository/, 'USAGE'))
    await assert.rejects(
      read(github, { apiUrl: 'http://127.0.0.1:1' }),
      rejects(/does not answer: ECONNREFUSED/),
    )
  })

  test('keep what a dismissed review was, by the timeline or by what was read before', async (t) => {
    await using folder = await temporaryFolder()
    const github = await start(t, [pull(1)])
    await read(github, { isRest: true, store: folder.path })
    Object.assign(github.pulls[0]!, { updated: day(30) })
    Object.assign(github.pulls[0]!.reviews[0]!, { state: 'DISMISSED', was: 'APPROVED' })
    for (const options of [{}, { isRest: true, store: folder.path }])
      assert.deepEqual(
        (await read(github, options)).events.map(({ state, was }) => [state, was]),
        [['dismissed', 'approved']],
      )
    assert.deepEqual(
      (await read(github, { isRest: true })).events.map(({ was }) => was),
      [undefined],
    )
  })

  test('since a date do not go further back, until an earlier one is wanted', async (t) => {
    await using folder = await temporaryFolder()
    const github = await start(t, many(120))
    const since = Date.parse(day(101))
    assert.equal((await read(github, { store: folder.path, since })).events.length, 21)
    assert.equal((await read(github, { store: folder.path })).events.length, 120)
  })

  test('survive a process that is killed at any request, and come out as if it never was', async (t) => {
    const github = await start(t, many(230))
    for (let last = 0; last <= 4; last++) {
      await using folder = await temporaryFolder()
      assert.equal(await killedAt(github, folder.path, last), 'SIGKILL')
      // Meanwhile somebody touches a change that may have been read already.
      const touched = github.pulls[225 - last]!
      touched.updated = day(1000 + last)
      touched.reviews.push({
        id: 900_000 + last,
        state: 'APPROVED',
        at: day(999),
        author: { id: 7, login: 'late' },
      })
      github.requests.length = 0
      const { records } = await read(github, { store: folder.path })
      const asked = github.requests.length
      assert.ok(asked <= 5 - last + 1, `it asked ${asked} times after ${last} pages`)
      assert.equal(formatEvents(records), formatEvents((await read(github)).records), `after ${last} pages`)
    }
  })

  test('survive a store that was cut at any byte', async (t) => {
    const github = await start(t, many(4))
    const fresh = formatEvents((await read(github)).records)
    await using folder = await temporaryFolder()
    await read(github, { store: folder.path })
    const at = join(folder.path, new URL(github.url).host.replace(':', '_'), 'o', 'r')
    const files = new Map(
      await Promise.all(
        (await readdir(at)).map(async (name) => [name, await readFile(join(at, name))] as const),
      ),
    )
    assert.equal(files.size, 2)
    for (const [name, bytes] of files)
      for (let length = 0; length < bytes.length; length += 7) {
        await using copy = await temporaryFolder()
        const target = join(copy.path, new URL(github.url).host.replace(':', '_'), 'o', 'r')
        await mkdir(target, { recursive: true })
        for (const [other, whole] of files)
          await writeFile(join(target, other), other === name ? whole.subarray(0, length) : whole)
        assert.equal(
          formatEvents((await read(github, { store: copy.path })).records),
          fresh,
          `${name} cut at ${length}`,
        )
      }
  })

  test('are printed by the command, with the token from the environment and the waits on stderr', async (t) => {
    await using folder = await temporaryFolder()
    const github = await start(t, many(3))
    github.fault = ({ index }, response) => {
      if (index > 0) return false
      response.writeHead(403, { 'retry-after': '1' }).end('{}')
      return true
    }
    const args = ['approvals', 'github', 'o/r', '--api-url', github.url]
    const result = await slipway(args, { home: folder.path, env: { GITHUB_TOKEN: 'secret-token' } })
    assert.equal(result.status, 0, result.stderr)
    assert.match(result.stderr, /waiting 1 s, until \d\d:\d\d:\d\d UTC: the server asks for a pause/)
    assert.match(result.stderr, /3 approvals of o\/r/)
    assert.doesNotMatch(`${result.stdout}${result.stderr}`, /secret-token/)
    const graph = await slipway(['approvals', 'stats', '-'], { home: folder.path, input: result.stdout })
    assert.match(graph.stdout, /changes {9}3 {2}<- counted/)
  })
})

/** Runs a read in a process of its own that is killed when it asks for a page after so many. */
async function killedAt(github: FakeGithub, store: string, last: number): Promise<NodeJS.Signals | null> {
  const main = resolve(import.meta.dirname, '../../src/cli/main.ts')
  const child = spawn(
    process.execPath,
    [main, 'approvals', 'github', 'o/r', '--api-url', github.url, '--store', store],
    {
      env: { PATH: process.env['PATH'], HOME: store, GITHUB_TOKEN: 't' },
      stdio: 'ignore',
    },
  )
  let asked = 0
  github.fault = () => {
    if (++asked <= last) return false
    child.kill('SIGKILL')
    return true
  }
  const signal = await new Promise<NodeJS.Signals | null>((done) =>
    child.once('close', (_, name) => done(name)),
  )
  github.fault = () => false
  return signal
}
