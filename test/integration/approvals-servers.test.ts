/** Approvals of Gerrit, GitLab and files of GH Archive, with the shapes and pages that these have. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { suite, test, type TestContext } from 'node:test'
import { gzipSync } from 'node:zlib'
import {
  readGerrit,
  readGharchive,
  readGitlab,
  type ApprovalEvent,
  type EndRecord,
  type EventRecord,
} from '../../src/approvals/index.ts'
import { serve } from '../support/serve-http.ts'
import { slipway } from '../support/slipway.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

async function all(source: AsyncIterable<EventRecord[]>) {
  const records = (await Array.fromAsync(source)).flat()
  const events = records.filter((record): record is ApprovalEvent => record.kind === 'approval')
  return { records, events, end: records.at(-1) as EndRecord }
}

const emit = () => undefined
const failsWith =
  (code: string, message: RegExp) => (error: { code: string; message: string; hint?: string }) => {
    assert.equal(error.code, code)
    assert.match(`${error.message} ${error.hint}`, message)
    return true
  }

suite('approvals of Gerrit', () => {
  const account = (id: number) => ({
    _account_id: id,
    name: `Person ${id}`,
    email: `p${id}@x.org`,
    username: `p${id}`,
  })
  const change = (number: number, votes: readonly (readonly [number, number])[], more: object = {}) => ({
    _number: number,
    project: 'tools',
    branch: 'main',
    status: 'MERGED',
    created: '2020-01-01 00:00:00.000000000',
    updated: `2020-01-${String((number % 28) + 1).padStart(2, '0')} 12:00:00.000000000`,
    owner: account(1),
    labels: {
      'Code-Review': {
        all: votes.map(([id, value]) => ({ ...account(id), value, date: '2020-02-01 10:00:00.000000000' })),
        values: { '-2': 'no', '-1': 'no', ' 0': '', '+1': 'ok', '+2': 'yes' },
      },
    },
    ...more,
  })
  const gerrit = async (
    t: TestContext,
    changes: readonly object[],
    answer?: (url: URL, request: IncomingMessage, response: ServerResponse) => boolean,
  ) => {
    const asked: URL[] = []
    const { url } = await serve(t, (request, response) => {
      const at = new URL(request.url!, 'http://x')
      asked.push(at)
      if (answer?.(at, request, response)) return
      const start = Number(at.searchParams.get('S'))
      const page = changes
        .slice(start, start + 2)
        .map((each, index) =>
          index === 1 && start + 2 < changes.length ? { ...each, _more_changes: true } : each,
        )
      response.end(`)]}'\n${JSON.stringify(page)}`)
    })
    return { url, asked }
  }

  test('are the highest votes of the label, on all pages', async (t) => {
    const { url, asked } = await gerrit(t, [
      change(1, [
        [2, 2],
        [3, 1],
        [4, -1],
        [5, 0],
      ]),
      change(2, [[1, 2]]),
      change(3, [[2, 1]], {
        labels: { 'Code-Review': { all: [{ ...account(2), value: 1 }], values: { ' 0': '', '+1': 'yes' } } },
        status: 'NEW',
      }),
      change(4, [], { labels: {}, status: 'ABANDONED' }),
      change(5, [[6, 2]], { owner: { ...account(9), tags: ['SERVICE_USER'] } }),
    ])
    const { events, end, records } = await all(readGerrit(url, { emit, query: 'project:tools' }))
    assert.deepEqual(
      events.map(({ change: name, state, via, approver }) => [name, state, via, approver!.login]),
      [
        ['#1', 'approved', 'code-review+2', 'p2'],
        ['#1', 'commented', 'code-review+1', 'p3'],
        ['#1', 'changes_requested', 'code-review-1', 'p4'],
        ['#2', 'approved', 'code-review+2', 'p1'],
        ['#3', 'approved', 'code-review+1', 'p2'],
        ['#5', 'approved', 'code-review+2', 'p6'],
      ],
    )
    assert.deepEqual(
      [events[0]!.at, events[4]!.outcome, events[5]!.author!.type],
      ['2020-02-01T10:00:00Z', 'open', 'bot'],
    )
    assert.deepEqual(end.coverage, { changes: 5, votes: 6, withoutLabel: 1 })
    assert.deepEqual((records[0] as { repos: readonly string[] } & EventRecord).kind, 'source')
    assert.equal(asked.length, 3)
    assert.equal(asked[0]!.searchParams.get('q'), 'project:tools')
  })

  test('go on below the last change where the server counts no further', async (t) => {
    const changes = Array.from({ length: 6 }, (_, index) => change(20 - index, [[2, 2]]))
    const { url, asked } = await gerrit(t, changes, (at, _, response) => {
      const before = /before:"([^"]+)"/.exec(at.searchParams.get('q')!)?.[1]
      if (before === undefined && Number(at.searchParams.get('S')) < 4) return false
      if (before === undefined) response.writeHead(400).end('Cannot go beyond page 2 of results')
      else
        response.end(
          `)]}'\n${JSON.stringify(changes.filter(({ updated }) => updated.slice(0, 19) < before.slice(0, 19)))}`,
        )
      return true
    })
    assert.equal((await all(readGerrit(url, { emit }))).events.length, 6)
    assert.match(asked.at(-1)!.searchParams.get('q')!, /before:"2020-01-18 12:00:01 \+0000"/)
  })

  test('are asked for with an account where there is one, and refused clearly', async (t) => {
    const { url } = await gerrit(t, [], (at, request, response) => {
      const isKnown =
        at.pathname.startsWith('/a/') &&
        request.headers.authorization === `Basic ${Buffer.from('ada:secret').toString('base64')}`
      if (isKnown) return false
      response.writeHead(403).end('Forbidden')
      return true
    })
    assert.equal((await all(readGerrit(url, { emit, user: 'ada', token: 'secret' }))).events.length, 0)
    await assert.rejects(
      all(readGerrit(url, { emit })),
      failsWith('APPROVALS_UNAUTHORIZED', /403.*GERRIT_USER/),
    )
    await assert.rejects(
      all(readGerrit('review.example.org', { emit })),
      failsWith('USAGE', /no address of a Gerrit server/),
    )
  })
})

suite('approvals of GitLab', () => {
  const user = (id: number) => ({ id, username: `p${id}`, name: `Person ${id}` })
  const note = (id: number, who: number, body: string, at: string) => ({
    id,
    body,
    system: true,
    created_at: at,
    author: user(who),
  })
  const request = (iid: number, author: object | null = user(1)) => ({
    iid,
    state: 'merged',
    created_at: '2020-01-01T00:00:00.000Z',
    updated_at: '2020-03-01T00:00:00.000Z',
    author,
  })
  const gitlab = async (
    t: TestContext,
    requests: readonly { iid: number }[],
    parts: Readonly<Record<string, unknown>>,
  ) => {
    let isLimited = true
    const asked: string[] = []
    const { url } = await serve(t, (incoming, response) => {
      const at = new URL(incoming.url!, 'http://x')
      asked.push(at.pathname)
      if (isLimited) {
        isLimited = false
        response.writeHead(429, { 'retry-after': '0', 'ratelimit-remaining': '0' }).end('Retry later')
        return
      }
      const path = at.pathname.replace('/api/v4/projects/group%2Fsub%2Fproject/merge_requests', '')
      const page = Number(at.searchParams.get('page') ?? 1)
      if (path !== '')
        return void response.end(
          JSON.stringify(parts[path] ?? (path.endsWith('notes') ? [] : { approved_by: [] })),
        )
      at.searchParams.set('page', String(page + 1))
      const link =
        page * 2 < requests.length
          ? { link: `<http://${incoming.headers.host}${at.pathname}${at.search}>; rel="next"` }
          : {}
      response.writeHead(200, link).end(JSON.stringify(requests.slice(page * 2 - 2, page * 2)))
    })
    return { address: `${url}/group/sub/project`, asked }
  }

  test('are those that hold, dated by themselves, by notes, or by the last touch', async (t) => {
    const { address, asked } = await gitlab(t, [request(1), request(2), request(3, null)], {
      '/1/approvals': { approved_by: [{ user: user(2), approved_at: '2020-02-01T00:00:00.000Z' }] },
      '/2/approvals': { approved_by: [{ user: user(2) }, { user: { ...user(4), bot: true } }] },
      '/2/notes': [note(1, 2, 'approved this merge request', '2020-02-02T00:00:00.000Z')],
      '/3/approvals': {
        approved_by: [{ user: { ...user(7), username: 'ghost' }, approved_at: '2020-02-03T00:00:00.000Z' }],
      },
    })
    const { events, end } = await all(readGitlab([address], { emit }))
    assert.deepEqual(
      events.map(({ change, approver, at, author }) => [
        change,
        approver?.login,
        at!.slice(0, 10),
        author?.login,
      ]),
      [
        ['!1', 'p2', '2020-02-01', 'p1'],
        ['!2', 'p2', '2020-02-02', 'p1'],
        ['!2', 'p4', '2020-03-01', 'p1'],
        ['!3', undefined, '2020-02-03', undefined],
      ],
    )
    assert.equal(events[2]!.approver!.type, 'bot')
    assert.deepEqual([end.coverage['undated'], end.notes!.length], [1, 1])
    assert.equal(asked.length, 1 + 2 + 3 + 1)
  })

  test('that were withdrawn or reset are told by notes', async (t) => {
    const { address } = await gitlab(t, [request(1)], {
      '/1/approvals': { approved_by: [{ user: user(2), approved_at: '2020-02-05T00:00:00.000Z' }] },
      '/1/notes': [
        note(1, 2, 'approved this merge request', '2020-02-01T00:00:00.000Z'),
        note(2, 3, 'approved this merge request', '2020-02-02T00:00:00.000Z'),
        note(3, 9, 'reset approvals from @p2 and @p3 by pushing to the branch', '2020-02-03T00:00:00.000Z'),
        note(4, 2, 'approved this merge request', '2020-02-05T00:00:00.000Z'),
      ],
    })
    const { events } = await all(readGitlab([address], { emit, hasNotes: true }))
    assert.deepEqual(
      events.map(({ approver, state, was }) => [approver!.login, state, was]),
      [
        ['p2', 'approved', undefined],
        ['p3', 'dismissed', 'approved'],
      ],
    )
  })

  test('of what is no project are an error', async () => {
    await assert.rejects(
      all(readGitlab(['group/project'], { emit })),
      failsWith('USAGE', /no address of a project/),
    )
  })
})

suite('approvals of GH Archive', () => {
  const user = (id: number) => ({ id, login: `p${id}`, type: 'User' })
  const review = (id: number, more: object = {}, pull: object = {}) => ({
    type: 'PullRequestReviewEvent',
    repo: { name: 'o/r' },
    actor: user(2),
    created_at: '2020-01-02T00:00:00Z',
    payload: {
      action: 'created',
      review: { id, state: 'approved', submitted_at: '2020-01-02T00:00:00Z', user: user(2), ...more },
      pull_request: {
        number: 1,
        user: user(1),
        merged_at: null,
        created_at: '2020-01-01T00:00:00Z',
        ...pull,
      },
    },
  })
  const write = async (path: string, lines: readonly object[]) => {
    await writeFile(path, gzipSync(lines.map((line) => `${JSON.stringify(line)}\n`).join('')))
    return path
  }

  test('are read from gzipped lines, each review once, with authors from wherever they are', async () => {
    await using folder = await temporaryFolder()
    const opened = {
      type: 'PullRequestEvent',
      repo: { name: 'o/r' },
      actor: user(3),
      payload: { action: 'opened', number: 2, pull_request: { number: 2 } },
    }
    const files = [
      await write(folder.join('1.json.gz'), [
        review(10),
        review(10),
        review(11, { state: 'COMMENTED' }),
        { ...review(12), repo: { name: 'o/other' } },
        { type: 'PushEvent' },
      ]),
      await write(folder.join('2.json.gz'), [
        opened,
        review(13, {}, { number: 2, user: undefined }),
        review(14, {}, { number: 3, user: undefined }),
        review(15, { user: null }),
      ]),
    ]
    const { events, end } = await all(readGharchive(files, { repos: ['o/r'] }))
    assert.deepEqual(
      events.map(({ review: id, state, author, approver }) => [id, state, author!.login, approver?.login]),
      [
        ['10', 'approved', 'p1', 'p2'],
        ['11', 'commented', 'p1', 'p2'],
        ['13', 'approved', 'p3', 'p2'],
        ['15', 'approved', 'p1', undefined],
      ],
    )
    assert.match(end.partial[0]!, /1 of 5 reviews name no author/)
    assert.equal((await all(readGharchive(files, { repos: ['o/*'] }))).events.length, 5)
  })

  test('are partial in their exit status, and an error where a file is cut', async () => {
    await using folder = await temporaryFolder()
    const path = await write(folder.join('1.json.gz'), [
      review(1),
      review(2, {}, { number: 9, user: undefined }),
    ])
    const run = (...args: string[]) =>
      slipway(['approvals', 'gharchive', ...args, '--repo', 'o/r'], { home: folder.path })
    const whole = await run(path)
    assert.deepEqual([whole.status, whole.stdout.split('\n').length], [3, 4])
    await writeFile(folder.join('cut.json.gz'), (await readFile(path)).subarray(0, 60))
    const cut = await run(folder.join('cut.json.gz'))
    assert.deepEqual([cut.status, cut.stdout], [2, ''])
    assert.match(cut.stderr, /cut\.json\.gz is no whole gzip file/)
    assert.match((await run(folder.join('none.gz'))).stderr, /none\.gz: it does not exist/)
  })
})
