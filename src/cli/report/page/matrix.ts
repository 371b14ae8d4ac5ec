/** Which images share which layers: a row for each image and platform, a column for each layer, the largest first. */
import type { BakeResult } from '../../../build/index.ts'
import { shortDigest, formatPlatform } from '../../../oci/index.ts'
import { describeBuild } from '../plain.ts'
import { formatBytes, plural } from '../units.ts'
import { escapeHtml } from './html.ts'

/** Columns of a page; what only one image has goes first when there are more. */
const mostColumns = 60

export function matrix(images: BakeResult['images'], sent: ReadonlyMap<string, unknown>): string {
  const rows = images.flatMap((image) =>
    image.platforms.map(({ platform, layers }) => ({
      name: describeBuild({ image: image.name, variant: image.variant, platform: formatPlatform(platform) }),
      layers: new Map(layers.map((layer) => [layer.diffId, layer])),
    })),
  )
  const columns = new Map<string, { users: number; bytes: number }>()
  for (const { layers } of rows) {
    for (const [diffId, { blob }] of layers) {
      const users = (columns.get(diffId)?.users ?? 0) + 1
      columns.set(diffId, { users, bytes: blob.descriptor.size })
    }
  }
  const all = [...columns].toSorted(([, a], [, b]) => b.users - a.users || b.bytes - a.bytes)
  const shown = all.slice(0, mostColumns)
  const shared = all.filter(([, { users }]) => users > 1)
  const saved = shared.reduce((sum, [, { users, bytes }]) => sum + (users - 1) * bytes, 0)
  const head = shown
    .map(
      ([diffId, { users, bytes }]) =>
        `<th scope="col" title="${escapeHtml(`${diffId}, ${formatBytes(bytes)}, in ${plural(users, 'build')}`)}"><span>${short(diffId)} ${formatBytes(bytes)}</span></th>`,
    )
    .join('')
  const body = rows.map(({ name, layers }) => {
    const cells = shown.map(([diffId]) => {
      const layer = layers.get(diffId as never)
      if (!layer) return '<td></td>'
      const [state, mark] = stateOf(layer.state, sent.has(diffId))
      return `<td><span class="cell ${state}" role="img" aria-label="${state}" title="${escapeHtml(`${name}: ${diffId}, ${state}`)}">${mark}</span></td>`
    })
    return `<tr><th scope="row">${escapeHtml(name)}</th>${cells.join('')}</tr>`
  })
  const hidden = all.length - shown.length
  return `<p class="soft">${plural(all.length, 'layer')}, ${shared.length} in more than one build${saved > 0 ? `: ${formatBytes(saved)} not made and not sent again` : ''}.${hidden > 0 ? ` ${hidden} that fewest share are not shown.` : ''}</p>
<ul class="legend"><li><span class="cell sent">s</span> sent in this run</li><li><span class="cell hashed">h</span> hashed, and there already</li><li><span class="cell known">k</span> known</li><li><span class="cell base">b</span> of a base</li></ul>
<div class="scroll" tabindex="0" role="region" aria-label="Layers by image"><table class="matrix"><caption>Layers by image</caption><thead><tr><th scope="col">image</th>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`
}

function stateOf(state: 'known' | 'hashed' | 'base', isSent: boolean): [string, string] {
  if (isSent) return ['sent', 's']
  return [state, state.slice(0, 1)]
}

function short(digest: string): string {
  return shortDigest(digest as Parameters<typeof shortDigest>[0])
}
