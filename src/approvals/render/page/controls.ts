/** The controls: what they ask for, and what they show beside. */
import type { CountMode } from '../../count/cells.ts'
import type { ArcSize } from '../../view/chord-layout.ts'
import { formatMonth } from '../../view/months.ts'
import type { ViewKind } from '../drawing.ts'
import { pageIds, type PageData } from '../page-data.ts'
import { byId } from './elements.ts'
import type { Choices, Model } from './model.ts'

export interface Controls {
  readonly read: () => Choices
  readonly search: HTMLInputElement
  readonly form: HTMLFormElement
}

/** Shows the controls; `onChange` is called after every change, and after a reset. */
export function openControls(
  { months, start }: PageData,
  { thresholds }: Model,
  onChange: () => void,
): Controls {
  const form = byId<HTMLFormElement>(pageIds.controls)
  const min = byId<HTMLInputElement>('min')
  // As it was asked for is the first choice, though it be between two steps.
  const steps = [...new Set([...thresholds, start.min])].toSorted((a, b) => a - b)
  min.max = String(steps.length - 1)
  min.defaultValue = String(steps.indexOf(start.min))
  const range = (id: string) => document.querySelector<HTMLInputElement>(`#${id}`)
  const chosen = (name: string) => form.querySelector<HTMLInputElement>(`input[name=${name}]:checked`)?.value
  const read = (): Choices => {
    const [from, to] = [Number(range('from')?.value), Number(range('to')?.value)]
    const isWhole = !months || !range('from') || (from === months[0] && to === months[1])
    return {
      kind: chosen('kind') as ViewKind,
      mode: (chosen('mode') as CountMode | undefined) ?? start.mode,
      arcs: chosen('arcs') as ArcSize,
      min: steps[Number(min.value)]!,
      minPer: byId<HTMLSelectElement>('min-per').value as Choices['minPer'],
      top: Number(byId<HTMLInputElement>('top').value),
      hasOthers: byId<HTMLInputElement>('others').checked,
      from: isWhole ? undefined : Math.min(from, to),
      to: isWhole ? undefined : Math.max(from, to),
    }
  }
  const tell = (): void => {
    const { min: least, top } = read()
    const texts: [string, string][] = [
      ['min', String(least)],
      ['top', String(top)],
    ]
    for (const id of ['from', 'to']) if (range(id)) texts.push([id, formatMonth(Number(range(id)!.value))])
    for (const [id, text] of texts) {
      byId<HTMLOutputElement>(`${id}-value`).value = text
      range(id)!.setAttribute('aria-valuetext', text)
    }
  }
  form.addEventListener('submit', (event) => event.preventDefault())
  form.addEventListener('input', (event) => {
    if (event.target instanceof HTMLInputElement && event.target.id === 'search') return
    tell()
    onChange()
  })
  form.addEventListener('reset', () =>
    setTimeout(() => {
      tell()
      onChange()
    }),
  )
  form.hidden = false
  tell()
  return { read, form, search: byId<HTMLInputElement>('search') }
}
