import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { newCollector } from './collect.ts'
import { compatOptions } from './compat.ts'
import type { ApprovalEvent } from './event.ts'
import { makePicture, type PictureOptions } from './picture.ts'
import { csvFile } from './render/csv.ts'
import { csvRows } from './render/csv-rows.ts'
import { htmlFile } from './render/html.ts'
import { jsonFile } from './render/json.ts'
import { markdownFile } from './render/markdown.ts'
import { pairRows } from './render/pairs-table.ts'
import { svgFile } from './render/svg-file.ts'
import { themes } from './render/theme.ts'
import { readRows } from './sources/rows/rows-source.ts'

function pictureOf(
  events: readonly Partial<ApprovalEvent>[],
  options: PictureOptions = {},
  partial: readonly string[] = [],
) {
  const collector = newCollector()
  collector.add({
    kind: 'source',
    version: 1,
    source: 'git',
    repos: ['o/secret-repo'],
    detail: { ref: 'refs/heads/main' },
  })
  for (const [index, event] of events.entries())
    collector.add({
      kind: 'approval',
      source: 'git',
      repo: 'o/secret-repo',
      change: `#${index}`,
      state: 'approved',
      outcome: 'merged',
      author: { name: 'Ada Byron', email: 'ada@secret.org' },
      approver: { name: 'Bob Roe', email: 'bob@secret.org' },
      at: '2020-03-01T00:00:00Z',
      ...event,
    })
  collector.add({ kind: 'end', events: events.length, partial, coverage: {} })
  return makePicture(collector.finish(), options)
}

const writers = {
  html: (picture: ReturnType<typeof pictureOf>) => htmlFile(picture),
  svg: (picture: ReturnType<typeof pictureOf>) => svgFile(picture),
  matrix: (picture: ReturnType<typeof pictureOf>) => svgFile(picture, { kind: 'matrix', theme: 'dark' }),
  csv: csvFile,
  json: jsonFile,
  md: markdownFile,
}

describe('the definition of the original', () => {
  const compat = (text: string) => {
    const collector = newCollector()
    for (const record of readRows(text, 'f')) collector.add(record)
    return csvRows(pairRows(makePicture(collector.finish(), compatOptions(Date.parse('2020-01-01'))).view))
  }

  test('keeps 6 and not 5, and gives author,approver,count of approver,author,count', () => {
    const table = compat('{"rows": [["b", "a", 100], ["a", "b", 50], ["a", "c", 5], ["b", "c", 6]]}')
    assert.equal(table, 'author,approver,count\r\na,b,100\r\nb,a,50\r\nc,b,6\r\n')
    assert.equal(compat(table), table)
  })

  test('has its beginning out, programs in, and dismissed reviews out', () => {
    const event = (index: number, more: Partial<ApprovalEvent> = {}): Partial<ApprovalEvent> => ({
      review: `${index}`,
      change: '#1',
      ...more,
    })
    const six = Array.from({ length: 6 }, (_, index) => event(index))
    const count = (more: Partial<ApprovalEvent>) =>
      pictureOf([...six, event(7, more)], compatOptions(Date.parse('2020-03-01')))
    assert.equal(count({}).facts.totals.reviews, 0)
    const after = { at: '2020-03-01T00:00:01Z' }
    const late = (more: Partial<ApprovalEvent>) =>
      pictureOf(
        six.map((each) => ({ ...each, ...after, ...more })),
        compatOptions(Date.parse('2020-03-01')),
      ).facts.totals.reviews
    assert.equal(late({}), 6)
    assert.equal(late({ approver: { login: 'renovate[bot]' } }), 6)
    assert.equal(late({ state: 'dismissed', was: 'approved' }), 0)
  })
})

describe('every output', () => {
  for (const [name, write] of Object.entries(writers)) {
    test(`as ${name} says source, range, mode, filters, coverage and what is partial`, async () => {
      const text = await write(pictureOf([{}], { count: { outcome: 'merged' } }, ['a part is missing']))
      for (const word of [
        /o\/secret-repo/,
        /2020-03-01/,
        /at least one approval/,
        /without bots/,
        /merged changes only/,
        /1 of 1/,
        /partial/i,
        /a part is missing/,
      ])
        assert.match(text, word)
    })

    test(`as ${name} is the same bytes twice, and never holds a mail`, async () => {
      const text = await write(pictureOf([{}, { approver: { email: 'carol@secret.org' } }]))
      assert.equal(await write(pictureOf([{}, { approver: { email: 'carol@secret.org' } }])), text)
      assert.doesNotMatch(text, /secret\.org/)
    })

    test(`as ${name} holds no name when it is anonymous`, async () => {
      const known = [
        {
          name: 'Ada B.',
          is: ['ada@secret.org'],
          isBot: false,
          memberships: [{ team: 'Engines', start: -Infinity, end: Infinity }],
        },
      ]
      const picture = pictureOf(
        [{}, { author: { login: 'renovate[bot]' } }],
        { anonymise: { seed: 's' }, identity: { known }, count: { includeBots: true } },
        ['o/secret-repo is shallow'],
      )
      assert.doesNotMatch(await write(picture), /ada|byron|bob|roe\b|secret|engines|renovate/i)
      assert.match(await write(picture), /Person 1/)
    })

    test(`as ${name} is not broken by names`, async () => {
      const names = [
        '</script><b>',
        '"q", \'r\'',
        '=cmd',
        '\u202eevil',
        '🦀 crab',
        'a|b`c*',
        '\u2028line',
        '\u0007bell',
      ]
      const text = await write(
        pictureOf(names.map((login) => ({ author: { name: `${login} x`, email: `${login.length}@x` } }))),
      )
      if (name === 'html' || name === 'svg' || name === 'matrix')
        assert.doesNotMatch(text, /<\/script><b>|\u2028|\u0007/)
      if (name === 'csv') assert.doesNotMatch(text, /^=/m)
      if (name === 'md') assert.doesNotMatch(text, /\| <|a\|b`c\*/)
    })
  }

  for (const people of [0, 1, 2, 5, 50, 300])
    test(`of ${people} people has no number that is none`, async () => {
      const events = Array.from({ length: people }, (_, index) => ({
        author: { login: `p${index}` },
        approver: { login: `p${people === 1 ? 0 : (index * 7 + 1) % people}` },
      }))
      const picture = pictureOf(events, { view: { top: people || 1 }, count: { includeSelf: people === 1 } })
      for (const write of Object.values(writers))
        assert.doesNotMatch(await write(picture), /NaN|Infinity|undefined/)
      assert.equal([...svgFile(picture).matchAll(/class="arc"/g)].length, picture.view.nodes.length)
    })
})

test('hues and greys stand out from what is behind them', () => {
  for (const theme of Object.values(themes)) {
    assert.equal(new Set(theme.hues).size, theme.hues.length)
    for (const colour of [...theme.hues, theme.grey])
      assert.ok(contrast(colour, theme.background) >= 3, colour)
    for (const colour of [theme.ink, theme.muted, theme.warn])
      assert.ok(contrast(colour, theme.background) >= 4.5, colour)
  }
})

/** WCAG 2.2, contrast ratio. */
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [one, other].map(luminance).toSorted((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
