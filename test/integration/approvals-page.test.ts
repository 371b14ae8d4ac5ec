/** The page in a real browser, opened from a file without a network: what it shows, how it is used, who can use it. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { after, before, suite, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { findProgram } from '../support/program.ts'
import { seededRandom } from '../support/project.ts'
import { requirePart } from '../support/require-part.ts'
import { slipway } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const program = findProgram('chromium')
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** Events of so many people, some of whom approve much more than others. */
function eventsOf(people: number): string {
  const random = seededRandom(people)
  const name = (index: number) => ({
    name: `Person No${index} ${'xyzw'[index % 4]!.repeat(index % 9)}`,
    email: `p${index}@x`,
  })
  const lines: object[] = [
    { kind: 'source', version: 1, source: 'git', repos: ['o/r'], detail: { ref: 'refs/heads/main' } },
  ]
  for (let index = 0; index < people * 30; index++) {
    const approver = Math.floor(random() ** 2 * people)
    const author = people === 1 ? 0 : (approver + 1 + Math.floor(random() * (people - 1))) % people
    lines.push({
      kind: 'approval',
      source: 'git',
      repo: 'o/r',
      change: `#${index}`,
      approver: name(approver),
      author: name(author),
      at: new Date(Date.UTC(2020, index % 40, 1)).toISOString(),
      state: 'approved',
    })
  }
  lines.push({ kind: 'end', events: lines.length - 1, partial: [], coverage: {} })
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('')
}

suite(
  'the page of approvals',
  { timeout: 300_000, skip: requirePart('chromium', program !== undefined) },
  () => {
    let folder: TemporaryFolder
    let browser: Browser
    before(async () => {
      folder = await temporaryFolder()
      // Chromium's own sandbox needs rights that containers do not have; it opens nothing but our page.
      browser = await chromium.launch({ executablePath: program!, args: ['--no-sandbox'] })
    })
    after(async () => {
      await browser?.close()
      await folder?.remove()
    })

    const write = async (people: number, ...flags: string[]): Promise<string> => {
      const path = folder.join(`p${people}${flags.join('')}.html`)
      const events = folder.join(`p${people}.ndjson`)
      await writeFile(events, eventsOf(people))
      const { status, stderr } = await slipway(['approvals', 'graph', events, '-o', path, ...flags], {
        home: folder.path,
      })
      assert.equal(status, 0, stderr)
      return path
    }
    const open = async (path: string, options: BrowserContextOptions = {}) => {
      const context = await browser.newContext({
        offline: true,
        viewport: { width: 1300, height: 900 },
        bypassCSP: false,
        ...options,
      })
      const page = await context.newPage()
      const complaints: string[] = []
      const requests: string[] = []
      page.on('console', (message) => complaints.push(message.text()))
      page.on('pageerror', (error) => complaints.push(String(error)))
      page.on('request', (request) => requests.push(request.url()))
      await page.goto(pathToFileURL(path).href)
      if (options.javaScriptEnabled !== false) await page.locator('form#controls').waitFor()
      return { context, page, complaints, requests }
    }
    const numbers = async (page: Page, selector: string) =>
      (await page.locator(selector).allTextContents()).map((text) => Number(text.replaceAll(',', '')))
    /** Findings of axe that hinder somebody; the script comes in through the protocol, not through the page's policy. */
    const findings = async (page: Page): Promise<string[]> => {
      await page.evaluate(await readFile(axe, 'utf8'))
      const { violations } = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
        violations: { id: string; impact: string; nodes: { html: string }[] }[]
      }
      return violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes[0]!.html.slice(0, 200)}`)
    }

    for (const people of [1, 2, 5, 50, 300])
      test(`shows ${people} people in light and dark, with and without scripts, and hinders nobody`, async () => {
        const path = await write(people, ...(people === 1 ? ['--own'] : []))
        for (const colorScheme of ['light', 'dark'] as const)
          for (const javaScriptEnabled of [true, false]) {
            const { context, page, complaints, requests } = await open(path, {
              colorScheme,
              javaScriptEnabled,
            })
            const arcs = Math.min(people, 40) + (people > 40 ? 1 : 0)
            assert.equal(await page.locator('.arc').count(), arcs)
            assert.ok((await page.locator('text.label').count()) <= arcs)
            const shown = (await page.locator('#pairs tbody td:nth-child(3)').count()) > 0
            assert.ok(shown, 'the table has no rows')
            const total = Number(
              /shows ([\d,]+) of/.exec(await page.locator('#facts').innerText())![1]!.replaceAll(',', ''),
            )
            const sum = (values: number[]) => values.reduce((all, value) => all + value, 0)
            assert.equal(sum(await numbers(page, '#pairs tbody td:nth-child(3)')), total)
            assert.equal(sum(await numbers(page, '#people tbody td:nth-child(2)')), total)
            assert.equal(sum(await numbers(page, '#people tbody td:nth-child(3)')), total)
            assert.equal(await page.locator('form#controls').isVisible(), javaScriptEnabled)
            assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true)
            if (javaScriptEnabled) assert.deepEqual(await findings(page), [])
            const shots = process.env['SLIPWAY_SHOTS']
            if (shots)
              await page.screenshot({
                path: `${shots}/${people}-${colorScheme}-${javaScriptEnabled}.png`,
                fullPage: people < 10,
              })
            assert.deepEqual([complaints, requests.length], [[], 1])
            await context.close()
          }
      })

    test('shows a matrix, small screens and large text without a finding', async () => {
      const path = await write(50)
      const { page, context } = await open(path, { viewport: { width: 400, height: 800 } })
      await page.getByText('Matrix').click()
      assert.ok((await page.locator('rect.cell').count()) > 100)
      assert.deepEqual(await findings(page), [])
      assert.equal(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), true)
      await context.close()
    })

    test('is used with the keyboard alone: reach an arc, hear of it, keep it, let go, sort a table', async () => {
      const { page, context, complaints } = await open(await write(5))
      const focused = () =>
        page.evaluate(
          'document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent',
        ) as Promise<string>
      await page.locator('[type=reset]').focus()
      await page.keyboard.press('Tab')
      const first = await focused()
      assert.match(first, /^Person No\d.*: [\d,]+ of their changes approved, approved [\d,]+ of others$/)
      await page.keyboard.press('ArrowRight')
      const second = await focused()
      assert.notEqual(second, first)
      assert.ok((await page.locator('#details').innerText()).includes(second.split(':')[0]!.trim()))
      assert.equal(await page.locator('svg.dim').count(), 1)
      await page.keyboard.press('Enter')
      assert.match(page.url(), /#Person%20No/)
      assert.equal(await page.locator('.arc[aria-pressed=true]').count(), 1)
      await page.keyboard.press('End')
      await page.keyboard.press('ArrowRight')
      assert.equal(await focused(), first)
      assert.match(await page.locator('#pairs h2').innerText(), /^Pairs with Person/)
      await page.keyboard.press('Escape')
      assert.equal(await page.locator('.arc[aria-pressed=true]').count(), 0)
      const title = page.locator('#pairs thead button').first()
      await title.focus()
      await page.keyboard.press('Enter')
      assert.equal(
        await page.locator('#pairs th[aria-sort=ascending]').innerText(),
        'Changes of ▲'.replace(' ▲', ''),
      )
      const names = await page.locator('#pairs tbody td:first-child').allTextContents()
      assert.deepEqual(names, names.toSorted())
      assert.equal(await focused(), 'Changes of')
      assert.deepEqual(complaints, [])
      await context.close()
    })

    test('shows by a pointer what a ribbon is, keeps it by a click, and finds it again by its address', async () => {
      const { page, context } = await open(await write(5))
      const sentence = /Person No\d.* approved [\d,]+ of the changes of Person No\d.*: [\d.]+ % of what/
      await page.locator('.ribbon').first().dispatchEvent('pointerover', { pointerType: 'mouse' })
      assert.match(await page.locator('#details').innerText(), sentence)
      await page.locator('.ribbon').first().dispatchEvent('click')
      const url = page.url()
      assert.match(url, /#Person%20No\d.*&Person%20No\d/)
      await page.locator('svg').dispatchEvent('pointerleave')
      assert.match(await page.locator('#details').innerText(), sentence)
      await page.goto('about:blank')
      await page.goto(url)
      await page.locator('form#controls').waitFor()
      assert.match(await page.locator('#details').innerText(), sentence)
      await page.keyboard.press('Escape')
      await page
        .getByLabel('Find a person')
        .fill((await page.locator('#labels option').first().getAttribute('value')) as string)
      assert.equal(await page.locator('.arc.pinned').count(), 1)
      await context.close()
    })

    test('follows its sliders, tells what they leave out, and begins again', async () => {
      const { page, context } = await open(await write(50))
      const coverage = () => page.locator('#facts').innerText()
      const before = await coverage()
      const set = async (id: string, value: number) => {
        await page.locator(`#${id}`).fill(String(value))
        return coverage()
      }
      assert.match(await set('min', 4), /shows [\d,]+ of 1,500.*are of pairs with too few/s)
      assert.equal(await page.locator('#min-value').innerText(), '5')
      assert.match(await set('top', 10), /10 of 50 by name/)
      assert.equal(await page.locator('.arc').count(), 11)
      await page.locator('#others').uncheck()
      assert.equal(await page.locator('.arc').count(), 10)
      await page.getByText('Reset').click()
      await page
        .getByText(/shows [\d,]+ of [\d,]+/.exec(before)![0])
        .first()
        .waitFor()
      await set('to', Number(await page.locator('#from').getAttribute('min')) + 3)
      assert.match(await coverage(), /2020-01 to 2020-04/)
      assert.match(await coverage(), /of 152 approvals/)
      await context.close()
    })

    test('gives its view as SVG, PNG and CSV', async () => {
      const { page, context, complaints } = await open(await write(5))
      const saved = async (name: string) => {
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.getByRole('button', { name }).click(),
        ])
        assert.equal(download.suggestedFilename(), `approvals.${name.toLowerCase()}`)
        return readFile(await download.path())
      }
      const svg = String(await saved('SVG'))
      assert.match(svg, /^<svg xmlns.*shows 150 of 150 approvals/s)
      assert.doesNotMatch(svg, /var\(/)
      assert.deepEqual([...(await saved('PNG')).subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47])
      assert.match(String(await saved('CSV')), /^author,approver,count\r\n/)
      assert.deepEqual(complaints, [])
      await context.close()
    })
  },
)
