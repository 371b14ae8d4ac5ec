/** Pictures as files: pixels of PNG, the same bytes wherever and whenever, what the command refuses. */
import assert from 'node:assert/strict'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { after, before, suite, test } from 'node:test'
import { pngPixels } from '../support/png-pixels.ts'
import { slipway } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

/** Seven people approve each other in a ring, so that each has an arc of its own hue. */
const ring = [
  'author,approver,count',
  ...Array.from({ length: 7 }, (_, index) => `p${index},p${(index + 1) % 7},10`),
].join('\n')

suite('files of approvals', { timeout: 300_000 }, () => {
  let folder: TemporaryFolder
  before(async () => {
    folder = await temporaryFolder()
    await writeFile(folder.join('ring.csv'), ring)
  })
  after(async () => folder?.remove())

  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    slipway(['approvals', ...args], { home: folder.join('home'), cwd: folder.path, env })

  for (const theme of ['light', 'dark'] as const)
    test(`have arcs in their colours and names in ink as PNG, ${theme}, with no font of the system`, async () => {
      const out = folder.join(`${theme}.png`)
      const { status, stderr } = await run(
        ['graph', 'ring.csv', '-o', out, '-o', `${theme}.svg`, '--theme', theme, '--width', '1000'],
        { FONTCONFIG_FILE: '/dev/null' },
      )
      assert.equal(status, 0, stderr)
      const pixels = pngPixels(await readFile(out))
      const svg = await readFile(folder.join(`${theme}.svg`), 'utf8')
      const fills = [...svg.matchAll(/class="arc"[^>]* fill="(#[0-9a-f]{6})"/g)].map(([, fill]) => fill!)
      assert.equal(new Set(fills).size, 7)
      const scale = pixels.width / 1000
      for (const [index, fill] of fills.entries()) {
        const angle = ((index + 0.5) / 7) * 2 * Math.PI
        const [x, y] = [500 + Math.sin(angle) * 290, 64 + 500 - Math.cos(angle) * 290]
        assert.equal(pixels.colourAt(Math.round(x * scale), Math.round(y * scale)), fill)
      }
      const background = pixels.colourAt(1, 1)
      assert.equal(background, theme === 'light' ? '#ffffff' : '#12161c')
      let ink = 0
      for (let y = 15; y < 50; y++)
        for (let x = 20; x < 450; x++) if (pixels.colourAt(x, y) !== background) ink++
      assert.ok(ink > 1000, `the title has ${ink} pixels of ink`)
    })

  test('warn of characters that the font does not have', async () => {
    await writeFile(folder.join('cjk.csv'), 'author,approver,count\n山田太郎,Ада,3\n')
    const { status, stderr } = await run(['graph', 'cjk.csv', '-o', 'cjk.png'])
    assert.equal(status, 0)
    assert.match(stderr, /warning: the font of pictures has no .*山/)
    assert.doesNotMatch(stderr, /А/)
  })

  test('are the same bytes in any zone and language', async () => {
    const event = {
      kind: 'approval',
      source: 'git',
      repo: 'r',
      state: 'approved',
      author: { login: 'ä' },
      approver: { login: 'I' },
    }
    const lines = [
      { kind: 'source', version: 1, source: 'git', repos: ['r'] },
      { ...event, change: '1', at: '2020-01-01T00:00:00Z' },
      { ...event, change: '2', at: '2019-12-31T23:59:59Z' },
      { kind: 'end', events: 2, partial: [], coverage: {} },
    ]
    await writeFile(folder.join('zone.ndjson'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    const outputs: string[] = []
    for (const env of [
      { TZ: 'UTC', LANG: 'C.UTF-8' },
      { TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8' },
      { TZ: 'America/Los_Angeles', LANG: 'de_DE.UTF-8' },
    ]) {
      const files = ['zone.html', 'zone.svg', 'zone.csv', 'zone.md', 'zone.json']
      const { status, stderr } = await run(
        ['graph', 'zone.ndjson', '--since', '2020-01-01', ...files.flatMap((file) => ['-o', file])],
        env,
      )
      assert.equal(status, 0, stderr)
      outputs.push((await Promise.all(files.map((file) => readFile(folder.join(file), 'utf8')))).join('\n'))
      assert.match(outputs.at(-1)!, /shows 1 of 1/)
    }
    assert.equal(new Set(outputs).size, 1)
  })

  test('of a page hold 100,000 approvals in less than a megabyte', async () => {
    const lines = ['{"kind":"source","version":1,"source":"git","repos":["r"]}']
    let state = 1
    const next = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below
    for (let index = 0; index < 100_000; index++) {
      const [approver, author] = [next(next(500) + 1), next(next(1500) + 1)]
      const at = new Date(Date.UTC(2010, next(180), 1)).toISOString()
      lines.push(
        `{"kind":"approval","source":"git","repo":"r","change":"${index}","at":"${at}","state":"approved","author":{"name":"Person Number${author}","email":"${author}@x"},"approver":{"name":"Person Number${approver}","email":"${approver}@x"}}`,
      )
    }
    lines.push(`{"kind":"end","events":100000,"partial":[],"coverage":{}}`)
    await writeFile(folder.join('large.ndjson'), lines.join('\n'))
    const { status, stderr } = await run(['graph', 'large.ndjson', '-o', 'large.html'])
    assert.equal(status, 0, stderr)
    const size = (await readFile(folder.join('large.html'))).length
    assert.ok(size < 1_000_000, `the page has ${size} bytes`)
  })

  test('are whole or absent', async () => {
    const blocked = await run(['graph', 'ring.csv', '-o', 'ring.csv/x.svg'])
    assert.equal(blocked.status, 1)
    assert.match(blocked.stderr, /error: cannot write ring\.csv\/x\.svg/)
    assert.deepEqual(
      (await readdir(folder.path)).filter((name) => name.endsWith('.tmp')),
      [],
    )
  })

  test('are refused by one clear line where the command is wrong', async () => {
    const cases: readonly [readonly string[], RegExp][] = [
      [
        ['graph', 'ring.csv'],
        /a picture needs a place to go to\n {2}hint: slipway approvals graph - -o approvals\.html/,
      ],
      [['graph', 'ring.csv', '-o', 'x.gif'], /"gif" tells no format of html, svg, png, csv, json, md/],
      [['graph', 'ring.csv', '-o', '-'], /"-" tells no format/],
      [
        ['graph', 'ring.csv', '-o', 'x.svg', '--count', 'review'],
        /--count "review" is none of changes, reviews, latest\n {2}hint: did you mean --count reviews/,
      ],
      [['graph', 'ring.csv', '-o', 'x.svg', '--since', '2020-02-30'], /--since "2020-02-30" is no date/],
      [
        ['graph', 'ring.csv', '-o', 'x.svg', '--since', '2021', '--until', '2020'],
        /--since 2021 is not before --until 2020/,
      ],
      [['graph', 'ring.csv', '-o', 'x.svg', '--min', '0'], /--min "0" is no whole number from 1 on/],
      [['graph', 'ring.csv', '-o', 'x.svg', '--people', 'ring.csv'], /ring\.csv:\d+:\d+/],
      [['graph', '-', '-', '-o', 'x.svg'], /the standard input can be read once only/],
      [['rows', 'ring.csv', '--columns', 'author,count'], /--columns has no author, no approver or no count/],
      [['gharchive', 'ring.csv', '--repo', 'nothing'], /--repo nothing is not owner\/name/],
    ]
    for (const [args, message] of cases) {
      const { status, stdout, stderr } = await run(args)
      assert.deepEqual([status, stdout], [2, ''], args.join(' '))
      assert.match(stderr, message)
    }
    const absent = await run(['graph', 'none.ndjson', '-o', 'x.svg'])
    assert.deepEqual(
      [absent.status, absent.stderr],
      [1, 'error: cannot read none.ndjson: it does not exist\n'],
    )
  })
})
