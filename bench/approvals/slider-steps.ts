/** How long a page takes from a step of a slider to the next frame, in a real browser. */
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { findProgram } from '../../test/support/program.ts'

export interface SliderSteps {
  /** milliseconds of each step, the frame after it included */
  readonly steps: readonly number[]
  /** milliseconds from opening until the controls are there */
  readonly load: number
}

/** Nothing where there is no Chromium. */
export async function measureSlider(page: string): Promise<SliderSteps | undefined> {
  const executablePath = findProgram('chromium')
  if (executablePath === undefined) return undefined
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    const view = await (await browser.newContext({ offline: true })).newPage()
    const started = performance.now()
    await view.goto(pathToFileURL(page).href)
    await view.locator('form#controls').waitFor()
    const load = performance.now() - started
    const steps = (await view.evaluate(`(async () => {
      const took = []
      for (const [id, value] of [['min', 1], ['min', 2], ['min', 3], ['from', 20], ['from', 21], ['from', 22], ['to', -5], ['to', -6], ['min', 0]]) {
        const slider = document.querySelector('#' + id)
        const begin = performance.now()
        slider.value = value < 0 ? Number(slider.max) + value : id === 'from' ? Number(slider.min) + value : value
        slider.dispatchEvent(new Event('input', { bubbles: true }))
        await new Promise((done) => requestAnimationFrame(() => setTimeout(done)))
        took.push(performance.now() - begin)
        await new Promise((done) => setTimeout(done, 400))
      }
      return took
    })()`)) as number[]
    return { steps, load }
  } finally {
    await browser.close()
  }
}
