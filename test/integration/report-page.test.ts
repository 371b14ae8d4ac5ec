/** The page of `--report` in a real browser, with no network and no scripts; the trace beside it. */
import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, suite, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser } from 'playwright-core'
import { findProgram } from '../support/program.ts'
import { seededBytes, writeProject } from '../support/project.ts'
import { requirePart } from '../support/require-part.ts'
import { slipway, slipwayOk } from '../support/slipway.ts'
import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts'

const program = findProgram('chromium')

suite(
  'the report of a run',
  { timeout: 200_000, skip: requirePart('chromium', program !== undefined) },
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

    const project = async (images: number) => {
      const root = folder.join(`plan-${images}`)
      const names = Array.from({ length: images }, (_, index) => `tool${index}`)
      const plan = [
        'hubs: [x.test/h]',
        'tags: ["1"]',
        `platforms: [linux/amd64${images > 3 ? ', linux/arm64' : ''}]`,
        ...(images > 3
          ? ['variants:', '  plain: { default: true }', '  debug: { args: { LEVEL: debug } }']
          : []),
        'images:',
        ...names.map((name) => `  - { name: ${name}, dockerfile: Dockerfile.${name}, context: . }`),
      ]
      await writeProject(root, {
        'slipway.yaml': `${plan.join('\n')}\n`,
        'common.txt': '<b>&shared',
        ...Object.fromEntries(
          names.flatMap((name, index) => [
            [`bin/${name}`, seededBytes(index + 1, 50_000 * (index + 1))],
            [
              `Dockerfile.${name}`,
              `FROM scratch\nARG LEVEL=plain\nCOPY common.txt /etc/common\nCOPY bin/${name} /usr/bin/\nCOPY common.txt /opt/$LEVEL\n`,
            ],
          ]),
        ),
      })
      return { root, home: `${root}-home`, page: `${root}.html`, trace: `${root}.json` }
    }

    for (const [images, builds] of [
      [3, 3],
      [12, 48],
    ] as const) {
      test(`shows ${builds} builds in light and dark, without a script, a request or a complaint`, async () => {
        const { root, home, page, trace } = await project(images)
        await slipwayOk(['bake', '--save', `${root}-out`, '--report', page, '--trace', trace], {
          home,
          cwd: root,
        })
        for (const colorScheme of ['light', 'dark'] as const) {
          for (const javaScriptEnabled of [true, false]) {
            const context = await browser.newContext({ colorScheme, javaScriptEnabled, offline: true })
            const view = await context.newPage()
            const complaints: string[] = []
            const requests: string[] = []
            view.on('console', (message) => complaints.push(message.text()))
            view.on('pageerror', (error) => complaints.push(String(error)))
            view.on('request', (request) => requests.push(request.url()))
            await view.goto(pathToFileURL(page).href)
            assert.match(await view.title(), new RegExp(`^slipway: ${builds} builds in `))
            assert.deepEqual(await view.locator('h2').allTextContents(), [
              'Timeline',
              'Images',
              'Layers by image',
              'What was sent where',
              'Why layers are new',
            ])
            const rows = (name: string) => view.getByRole('table', { name }).locator('tbody tr').count()
            assert.equal(await rows('Images'), builds)
            assert.equal(await rows('Layers by image'), builds)
            assert.ok((await view.locator('svg rect').count()) > builds / 2)
            assert.match(await view.locator('body').innerText(), /never built before/)
            const box = await view.locator('main').boundingBox()
            assert.ok(box && box.width <= 1280, 'the page is wider than a screen')
            assert.deepEqual([complaints, requests.length], [[], 1])
            await context.close()
          }
        }
        const { traceEvents } = JSON.parse(await readFile(trace, 'utf8')) as {
          traceEvents: { ph: string; cat?: string; ts: number; dur?: number }[]
        }
        const spans = traceEvents.filter(({ ph }) => ph === 'X')
        assert.equal(spans.filter(({ cat }) => cat === 'builds').length, builds)
        assert.ok(spans.some(({ cat }) => cat === 'hashing'))
        assert.ok(spans.every(({ ts, dur }) => ts >= 0 && dur! >= 0))
      })
    }

    test('tells of a run that failed, and what is new in the next', async () => {
      const { root, home, page } = await project(2)
      const args = ['bake', '--save', `${root}-out`, '--report', page]
      await slipwayOk(args, { home, cwd: root })
      await writeFile(join(root, 'common.txt'), 'other')
      await slipwayOk(args, { home, cwd: root })
      const html = await readFile(page, 'utf8')
      assert.match(html, /common\.txt: size 10 -&#62; 5/)
      await writeFile(join(root, 'Dockerfile.tool1'), 'FROM scratch\nCOPY none /\n')
      assert.equal((await slipway(args, { home, cwd: root })).status, 1)
      assert.match(await readFile(page, 'utf8'), /nothing was published/)
    })
  },
)
