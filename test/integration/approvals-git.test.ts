/** Approvals out of real repositories: what every way of writing them gives, and what stands in the way. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { gitIn, writeHistory, type HistoryCommit } from '../support/git-history.ts'
import { hasProgram } from '../support/program.ts'
import { requirePart } from '../support/require-part.ts'
import { slipway } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

interface Line {
  readonly kind: string
  readonly [field: string]: unknown
}

suite('approvals of a git history', { skip: requirePart('git', hasProgram('git')) }, () => {
  let folder: TemporaryFolder
  let count = 0
  before(async () => {
    folder = await temporaryFolder()
  })
  after(async () => folder?.remove())

  const run = (args: readonly string[], input?: string) =>
    slipway(['approvals', ...args], {
      home: folder.join('home'),
      cwd: folder.path,
      ...(input !== undefined && { input }),
    })
  const repository = (commits: readonly HistoryCommit[]): string => {
    const path = folder.join(`repo-${count++}.git`)
    writeHistory(path, commits)
    return path
  }
  const read = async (commits: readonly HistoryCommit[] | string, ...args: string[]) => {
    const path = typeof commits === 'string' ? commits : repository(commits)
    const { status, stdout, stderr } = await run(['git', path, '--name', 'o/r', ...args])
    const lines = stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Line)
    const approvals = lines.filter(({ kind }) => kind === 'approval') as unknown as Readonly<
      Record<'author' | 'approver', Record<string, string>>
    >[]
    return {
      status,
      stderr,
      lines,
      end: lines.at(-1)!,
      people: approvals.map(
        ({ author, approver }) =>
          `${approver['email'] ?? approver['login']} > ${author['email'] ?? author['login']}`,
      ),
    }
  }
  const by = (...names: string[]) => names.map((name) => `Reviewed-by: ${name} <${name}@x>`).join('\n')

  test('become a picture through a pipe', async () => {
    const path = repository([
      { message: `one\n\n${by('bob', 'carol')}` },
      { message: `two\n\n${by('ada')}`, author: 'bob <bob@x>' },
    ])
    const events = await run(['git', path])
    assert.equal(events.status, 0, events.stderr)
    const page = folder.join('page.html')
    const graph = await run(['graph', '-', '-o', page, '-o', '-', '--format', 'html'], events.stdout)
    assert.equal(graph.status, 0, graph.stderr)
    const html = await readFile(page, 'utf8')
    assert.equal(graph.stdout, html)
    assert.match(html, /shows 3 of 3 approvals \(100 %\), 4 of 4 by name/)
    assert.doesNotMatch(html, /example\.org|@x|https?:\/\/(?!www\.w3\.org)/)
  })

  test('are parsed from every part of messages, once for each person', async () => {
    const { people, end } = await read([
      { message: `a\n\n${by('bob', 'bob')}\n\nTested-by: T <t@x>` },
      { message: 'Auto merge of #12 - dan:branch, r=erin\n\ntitle', author: 'bors <b@x>' },
      { message: 'plain' },
    ])
    assert.deepEqual(people, ['erin > dan', 'bob@x > ada@example.org'])
    assert.deepEqual([end['events'], end['partial']], [2, []])
    assert.deepEqual(end['coverage'], {
      commits: 3,
      withApproval: 2,
      outsideTrailers: 2,
      empty: 0,
      backports: 0,
      mapped: 0,
    })
  })

  test('take authors and reviewers by the mailmap, in bare repositories too', async () => {
    const files = { '.mailmap': 'Bob Roe <bob@new> <bob@x>\nAda Byron <ada@new> <ada@example.org>\n' }
    const path = repository([{ message: `one\n\n${by('bob')}`, files }])
    assert.deepEqual((await read(path)).people, ['bob@new > ada@new'])
    gitIn(folder.path, 'clone', '--quiet', path, 'work-tree')
    assert.deepEqual((await read(folder.join('work-tree'))).people, ['bob@new > ada@new'])
  })

  test('are the votes of Gerrit where its notes are kept, and not its trailers', async () => {
    const note =
      'Code-Review+2: Bob <bob@x>\nCode-Review+1: Carol <carol@x>\nVerified+1: CI <ci@x>\nReviewed-on: https://r.x/1'
    const commits = [
      { message: `one\n\nChange-Id: I0123456789\n${by('bob', 'carol')}`, note },
      { message: `two\n\n${by('carol')}` },
    ]
    const votes = await read(commits)
    assert.deepEqual(
      votes.lines.filter(({ kind }) => kind === 'approval').map(({ via, state }) => [via, state]),
      [
        ['reviewed-by', 'approved'],
        ['code-review+2', 'approved'],
        ['code-review+1', 'commented'],
      ],
    )
    const trailers = await read(commits, '--style', 'trailers')
    assert.equal(trailers.end['events'], 3)
  })

  test('of all branches have each change once', async () => {
    const change = `fix\n\nChange-Id: I0123456789abcdef\n${by('bob')}`
    const other = { message: `same\n\n${by('bob')}`, at: '2020-05-01T00:00:00Z' }
    const commits: HistoryCommit[] = [
      { message: change },
      other,
      { message: change, branch: 'refs/heads/release' },
      { ...other, branch: 'refs/heads/release' },
      { message: `own\n\n${by('carol')}`, branch: 'refs/heads/release' },
    ]
    const path = repository(commits)
    assert.equal((await read(path)).people.length, 2)
    const all = await read(path, '--all-branches')
    assert.equal(all.people.length, 3)
    assert.equal((all.end['coverage'] as Record<string, number>)['backports'], 2)
  })

  test('of pull requests that a mirror holds do not count', async () => {
    const path = repository([
      { message: `one\n\n${by('bob')}` },
      { message: `two\n\n${by('bob')}`, branch: 'refs/heads/topic' },
    ])
    gitIn(path, 'update-ref', 'refs/pull/1/head', 'refs/heads/topic')
    gitIn(path, 'update-ref', '-d', 'refs/heads/topic')
    assert.equal((await read(path, '--all-branches')).people.length, 1)
  })

  test('are those of the branch that is checked out, though another is named HEAD', async () => {
    const path = repository([
      { message: `one\n\n${by('bob')}` },
      { message: `two\n\n${by('carol')}`, branch: 'refs/heads/HEAD' },
    ])
    const { people, lines, stderr } = await read(path)
    assert.deepEqual(people, ['bob@x > ada@example.org'])
    assert.equal((lines[0]!['detail'] as Record<string, string>)['ref'], 'refs/heads/main')
    assert.doesNotMatch(stderr, /ambiguous/)
  })

  test('of a shallow clone are partial, in the picture too', async () => {
    const path = repository([{ message: `one\n\n${by('bob')}` }, { message: `two\n\n${by('carol')}` }])
    gitIn(folder.path, 'clone', '--quiet', '--depth=1', `file://${path}`, 'shallow')
    const { status, stdout, stderr } = await run(['git', folder.join('shallow')])
    assert.equal(status, 3)
    assert.match(stderr, /warning: .* is a shallow clone: what is older than 2020-01-02 is missing/)
    const graph = await run(['graph', '-', '-o', '-', '--format', 'svg'], stdout)
    assert.equal(graph.status, 3)
    assert.match(graph.stdout, /<title id="title">Who approves whose changes \(partial\)/)
  })

  test('of an empty repository are none, and draw as nothing', async () => {
    const { status, stdout, stderr } = await run(['git', repository([])])
    assert.equal(status, 0)
    assert.match(stderr, /note: .* has no commits yet/)
    const graph = await run(['graph', '-', '-o', '-', '--format', 'svg'], stdout)
    assert.equal(graph.status, 0)
    assert.match(graph.stdout, /no approvals to show/)
    assert.doesNotMatch(graph.stdout, /NaN|Infinity/)
  })

  test('of a history without any say so', async () => {
    const { status, stderr } = await read([{ message: 'one' }])
    assert.equal(status, 0)
    assert.match(stderr, /note: none of the 1 commits of o\/r names who approved it/)
  })

  test('that cannot be read are one clear error', async () => {
    const path = repository([{ message: 'one' }])
    gitIn(path, 'symbolic-ref', 'HEAD', 'refs/heads/gone')
    const cases: readonly [readonly string[], number, RegExp][] = [
      [[folder.join('none')], 1, /error: .*none is no folder that can be entered/],
      [[folder.path], 1, /error: .* is no git repository\n {2}hint: name a clone/],
      [[path], 1, /error: the branch gone of .* has no commits\n {2}hint: name one that has: --ref main/],
      [[path, '--ref', 'nope'], 2, /error: --ref nope is no branch, tag or commit/],
      [[path, '--ref', '--upload-pack=x'], 2, /is no branch, tag or commit/],
      [[path, '--style', 'guess'], 2, /error: --style "guess" is none of auto, trailers/],
    ]
    for (const [args, status, message] of cases) {
      const result = await run(['git', ...args])
      assert.deepEqual([result.status, result.stdout], [status, ''], args.join(' '))
      assert.match(result.stderr, message)
    }
  })

  test('are written to a file as a whole or not at all', async () => {
    const out = folder.join('events.ndjson')
    assert.equal((await run(['git', folder.path, '-o', out])).status, 1)
    assert.equal((await run(['git', repository([{ message: `one\n\n${by('bob')}` }]), '-o', out])).status, 0)
    assert.equal((await readFile(out, 'utf8')).split('\n').length, 4)
    assert.deepEqual(
      (await readdir(folder.path)).filter((name) => name.endsWith('.tmp')),
      [],
    )
  })

  test('end with the one who reads them', async () => {
    const commits = Array.from({ length: 400 }, (_, index) => ({
      message: `${index}\n\n${'x'.repeat(1000)}\n\n${by('bob', 'carol')}`,
    }))
    const command = `"$1" "$2" approvals git "$3" | head -1 | cut -c1-16`
    const main = resolve(import.meta.dirname, '../../src/cli/main.ts')
    const args = ['-c', command, 'sh', process.execPath, main, repository(commits)]
    assert.equal(execFileSync('sh', args, { timeout: 60_000, encoding: 'utf8' }), '{"kind":"source"\n')
  })

  test('that were cut off on their way are marked as partial', async () => {
    const { stdout } = await run(['git', repository([{ message: `one\n\n${by('bob', 'carol')}` }])])
    const lines = stdout.split('\n')
    const cut = folder.join('cut.ndjson')
    await writeFile(cut, `${lines.slice(0, 2).join('\n')}\n`)
    const graph = await run(['graph', cut, '-o', '-', '--format', 'md'])
    assert.equal(graph.status, 3)
    assert.match(graph.stdout, /\*\*Partial\*\*: the events of repo-\d+ stop before their end/)
    await writeFile(cut, `${lines.slice(0, 2).join('\n')}\n${lines[2]!.slice(0, 40)}`)
    const broken = await run(['graph', cut, '-o', '-', '--format', 'md'])
    assert.equal(broken.status, 2)
    assert.match(broken.stderr, /error: a line of events is not JSON.*\n {2}.*cut\.ndjson:3:1/)
  })
})
