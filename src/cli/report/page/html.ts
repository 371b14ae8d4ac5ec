/** Text as HTML. */

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** A table with a header row; cells are HTML already. Numbers stand right where `numbers` says so, by column. */
export function htmlTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  { numbers = [], caption }: { readonly numbers?: readonly number[]; readonly caption: string },
): string {
  const style = (index: number) => (numbers.includes(index) ? ' class="number"' : '')
  const head = titles.map((title, index) => `<th scope="col"${style(index)}>${escapeHtml(title)}</th>`)
  const body = rows.map((row) => {
    const cells = row.map((cell, index) =>
      index === 0 ? `<th scope="row">${cell}</th>` : `<td${style(index)}>${cell}</td>`,
    )
    return `<tr>${cells.join('')}</tr>`
  })
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(caption)}"><table><caption>${escapeHtml(caption)}</caption><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`
}
