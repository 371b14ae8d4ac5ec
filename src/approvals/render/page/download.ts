/** The current view as a file: SVG with literal colours, PNG through a canvas, CSV. */
import { captionLines, type Facts } from '../../facts.ts'
import type { View } from '../../view/view.ts'
import { csvRows } from '../csv-rows.ts'
import { drawingOf } from '../drawing.ts'
import { pairRows } from '../pairs-table.ts'
import { svgDocument } from '../svg-document.ts'
import { themes } from '../theme.ts'
import type { Choices } from './model.ts'

export interface Shown {
  readonly view: View
  readonly choices: Choices
  readonly facts: Facts
  readonly hues: readonly (number | undefined)[]
}

export async function download(format: string, shown: Shown): Promise<void> {
  if (format === 'csv') return save('csv', new Blob([csvRows(pairRows(shown.view))], { type: 'text/csv' }))
  const svg = new Blob([svgOf(shown)], { type: 'image/svg+xml' })
  save(format, format === 'svg' ? svg : await rasterise(svg))
}

function svgOf({ view, choices, facts, hues }: Shown): string {
  const theme = themes[matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light']
  return svgDocument(
    {
      title: `${facts.title}${facts.partial.length > 0 ? ' (partial)' : ''}`,
      drawing: drawingOf(view, { ...choices, theme, hues }),
      warnings: facts.partial.map((reason) => `Partial: ${reason}`),
      caption: captionLines(facts),
    },
    theme,
  )
}

async function rasterise(svg: Blob): Promise<Blob> {
  const url = URL.createObjectURL(svg)
  try {
    const image = new Image()
    image.src = url
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = image.naturalWidth * 2
    canvas.height = image.naturalHeight * 2
    canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise((resolve, reject) =>
      canvas.toBlob(
        (blob) => (blob ? resolve(blob) : reject(new Error('the browser cannot write a PNG'))),
        'image/png',
      ),
    )
  } finally {
    URL.revokeObjectURL(url)
  }
}

function save(format: string, blob: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = `approvals.${format}`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
