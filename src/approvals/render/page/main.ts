/** The page: reads its data, then draws what the controls ask for and shows what the reader looks at. */
import { captionLines, type Facts } from '../../facts.ts'
import type { View } from '../../view/view.ts'
import { escapeMarkup } from '../markup.ts'
import { pageIds } from '../page-data.ts'
import { openChart } from './chart.ts'
import { openControls } from './controls.ts'
import { loadData } from './data.ts'
import { detailsOf } from './details.ts'
import { download } from './download.ts'
import { around, byId } from './elements.ts'
import { nodesOf, sameFocus, type Focus } from './focus.ts'
import { newModel, type Choices } from './model.ts'
import { openTables } from './tables.ts'

/** Tables wait until a slider rests: nobody reads them meanwhile. */
const tableDelayMs = 150

async function start(): Promise<void> {
  const loaded = await loadData()
  const { labels } = loaded.data
  const model = newModel(loaded)
  const tables = openTables()
  let shown: { view: View; choices: Choices; facts: Facts } | undefined
  let pinned: Focus | undefined
  let looked: Focus | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  const show = (): void => {
    if (!shown) return
    const focus = looked ?? pinned
    chart.show(focus, pinned)
    const isPinned = pinned !== undefined && sameFocus(focus, pinned)
    byId(pageIds.details).innerHTML = detailsOf(shown.view, focus, { reading: shown.facts.reading, isPinned })
  }
  const drawTables = (): void => {
    const node = shown && pinned?.kind === 'party' ? nodesOf(pinned, shown.view)?.[0] : undefined
    if (shown) tables.draw(shown.view, node)
  }
  const draw = (): void => {
    const choices = controls.read()
    const view = model.viewOf(choices)
    shown = { view, choices, facts: model.factsOf(choices, view) }
    chart.draw(view, choices)
    byId(pageIds.facts).innerHTML = captionLines(shown.facts, { hasReading: false })
      .map((line) => `<p>${escapeMarkup(line)}</p>`)
      .join('\n')
    byId(pageIds.status).textContent = shown.facts.coverage
    looked = undefined
    show()
    clearTimeout(timer)
    timer = setTimeout(drawTables, tableDelayMs)
  }
  const pin = (focus: Focus | undefined): void => {
    pinned = sameFocus(focus, pinned) ? undefined : focus
    looked = undefined
    rememberPin(pinned, labels)
    show()
    drawTables()
  }
  const chart = openChart(model, {
    onLook(focus) {
      if (sameFocus(focus, looked)) return
      looked = focus
      show()
    },
    onPin: pin,
  })
  const controls = openControls(loaded.data, model, draw)
  controls.search.addEventListener('input', () => {
    const party = labels.indexOf(controls.search.value)
    if (party >= 0) pin({ kind: 'party', party })
  })
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') pin(undefined)
  })
  controls.form.addEventListener('reset', () => pin(undefined))
  controls.form.addEventListener('click', (event) => {
    const format = (around(event, '[data-download]') as HTMLElement | undefined)?.dataset['download']
    if (format && shown) void download(format, { ...shown, hues: model.huesOf(shown.view) })
  })
  pinned = recallPin(labels)
  draw()
}

/** What is kept is in the address, so that it can be passed on. */
function rememberPin(pinned: Focus | undefined, labels: readonly string[]): void {
  const name = (party: number) => labels[party] ?? ''
  const parts =
    pinned?.kind === 'party' ? [name(pinned.party)] : pinned ? [name(pinned.one), name(pinned.other)] : []
  history.replaceState(undefined, '', `#${parts.map(encodeURIComponent).join('&')}`)
}

function recallPin(labels: readonly string[]): Focus | undefined {
  try {
    const parties = location.hash
      .slice(1)
      .split('&')
      .filter((part) => part !== '')
      .map((part) => labels.indexOf(decodeURIComponent(part)))
    const [one, other] = parties
    if (one === undefined || parties.includes(-1)) return undefined
    return other === undefined ? { kind: 'party', party: one } : { kind: 'pair', one, other }
  } catch {
    return undefined
  }
}

void start()
