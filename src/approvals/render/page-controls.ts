/** The controls of the page, hidden until its script is there to heed them. */
import { formatMonth } from '../view/months.ts'
import { escapeMarkup } from './markup.ts'
import { pageIds, type PageData } from './page-data.ts'

/** `names` are those that can be searched for. */
export function pageControls({ months, start, facts }: PageData, names: readonly string[]): string {
  const { changes, reviews, latest } = facts.totals
  const hasModes = changes !== reviews || changes !== latest
  const groups = [
    choices(
      'kind',
      'View',
      [
        ['chord', 'Chord'],
        ['matrix', 'Matrix'],
      ],
      start.kind,
    ),
    choices(
      'arcs',
      'Arcs as wide as',
      [
        ['received', 'Received'],
        ['given', 'Gave'],
      ],
      start.arcs,
    ),
    hasModes
      ? choices(
          'mode',
          'Count',
          [
            ['changes', 'Changes'],
            ['reviews', 'Reviews'],
            ['latest', 'Latest opinions'],
          ],
          start.mode,
        )
      : '',
    `<div class="control"><label for="search">Find a person</label><input id="search" name="search" type="search" list="labels" autocomplete="off"><datalist id="labels">${options(names)}</datalist></div>`,
    slider({ id: 'min', label: 'At least per pair', min: 0, max: 0, value: 0, text: String(start.min) }),
    `<div class="control"><label for="min-per">Counted</label><select id="min-per" name="min-per"><option value="pair"${start.minPer === 'pair' ? ' selected' : ''}>both directions together</option><option value="direction"${start.minPer === 'direction' ? ' selected' : ''}>each direction</option></select></div>`,
    slider({
      id: 'top',
      label: 'People by name',
      min: 1,
      max: Math.max(1, Math.min(names.length, 300)),
      value: Math.min(start.top, names.length, 300),
      text: String(Math.min(start.top, names.length)),
    }),
    `<div class="control"><label class="check"><input type="checkbox" id="others" name="others"${start.hasOthers ? ' checked' : ''}> Others as one</label></div>`,
    months && months[1] > months[0]
      ? slider({
          id: 'from',
          label: 'From',
          min: months[0],
          max: months[1],
          value: months[0],
          text: formatMonth(months[0]),
        }) +
        slider({
          id: 'to',
          label: 'To',
          min: months[0],
          max: months[1],
          value: months[1],
          text: formatMonth(months[1]),
        })
      : '',
    `<div class="control buttons" role="group" aria-label="Download this view"><button type="button" data-download="svg">SVG</button><button type="button" data-download="png">PNG</button><button type="button" data-download="csv">CSV</button><button type="reset">Reset</button></div>`,
  ]
  return `<form id="${pageIds.controls}" hidden>${groups.join('\n')}</form>`
}

function choices(
  name: string,
  label: string,
  items: readonly (readonly [string, string])[],
  chosen: string,
): string {
  const inputs = items.map(
    ([value, text]) =>
      `<label><input type="radio" name="${name}" value="${value}"${value === chosen ? ' checked' : ''}><span>${text}</span></label>`,
  )
  return `<fieldset class="control choices"><legend>${label}</legend><div>${inputs.join('')}</div></fieldset>`
}

interface Slider {
  readonly id: string
  readonly label: string
  readonly min: number
  readonly max: number
  readonly value: number
  readonly text: string
}

function slider({ id, label, min, max, value, text }: Slider): string {
  return `<div class="control"><label for="${id}">${label} <output for="${id}" id="${id}-value">${escapeMarkup(text)}</output></label><input type="range" id="${id}" name="${id}" min="${min}" max="${max}" value="${value}"></div>`
}

function options(labels: readonly string[]): string {
  return labels.map((label) => `<option value="${escapeMarkup(label)}">`).join('')
}
