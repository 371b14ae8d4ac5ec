/** A matrix as SVG: a row for each approver, a column for each author, the darker the more. Runs in pages too. */
import type { View } from '../view/view.ts'
import { clipped, escapeMarkup, grouped, isolated, short } from './markup.ts'
import type { Theme } from './theme.ts'

export const matrixSize = 1000

const margin = 190
/** names that would be smaller are left to the tables */
const smallestFont = 8

/** What lies inside of `<svg>`. */
export function matrixDrawing({ nodes, pairs }: View, theme: Theme): string {
  const cell = (matrixSize - margin - 10) / Math.max(nodes.length, 1)
  const most = pairs.reduce((high, { approved }) => Math.max(high, approved), 1)
  const fontSize = Math.min(15, cell * 0.85)
  const names = nodes.map(({ label }) => escapeMarkup(isolated(clipped(label, 26))))
  const rows =
    fontSize < smallestFont
      ? []
      : nodes.map((_, row) => {
          const y = short(margin + (row + 0.5) * cell)
          return `<text class="label" data-node="${row}" x="${margin - 8}" y="${y}" dy="0.35em" text-anchor="end" font-size="${short(fontSize)}" fill="${theme.ink}">${names[row]}</text>`
        })
  const columns =
    fontSize < smallestFont
      ? []
      : nodes.map((_, column) => {
          const x = short(margin + (column + 0.5) * cell)
          return `<text class="label" data-node="${column}" transform="translate(${x} ${margin - 8}) rotate(-90)" dy="0.35em" font-size="${short(fontSize)}" fill="${theme.ink}">${names[column]}</text>`
        })
  const gap = cell > 6 ? 1 : 0
  const cells = pairs.map(({ approver, author, approved }) => {
    const [x, y] = [margin + author * cell, margin + approver * cell]
    const share = short(Math.max(0.12, Math.sqrt(approved / most)))
    const box = `<rect class="cell" data-approver="${approver}" data-author="${author}" x="${short(x)}" y="${short(y)}" width="${short(cell - gap)}" height="${short(cell - gap)}" fill="${theme.high}" fill-opacity="${share}"/>`
    if (cell < 22 || String(approved).length * 8 > cell) return box
    const ink = Number(share) > 0.55 ? theme.background : theme.ink
    return `${box}<text class="number" x="${short(x + cell / 2)}" y="${short(y + cell / 2)}" dy="0.35em" text-anchor="middle" font-size="11" fill="${ink}">${grouped(approved)}</text>`
  })
  const side = nodes.length * cell
  const frame = `<rect x="${margin}" y="${margin}" width="${short(side)}" height="${short(side)}" fill="none" stroke="${theme.line}"/>`
  const axes = [
    `<text x="${margin - 8}" y="${margin - 24}" text-anchor="end" font-size="13" fill="${theme.muted}">approved by ↓</text>`,
    `<text x="${margin - 8}" y="${margin - 8}" text-anchor="end" font-size="13" fill="${theme.muted}">changes of →</text>`,
  ]
  return `<g>${[frame, ...axes, ...rows, ...columns, ...cells].join('\n')}</g>`
}
