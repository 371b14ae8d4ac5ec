/** What the page was given: its data as JSON, its cells as deflated bytes. */
import { unpackCells, type CountedCells } from '../../view/packed-cells.ts'
import { pageIds, type PageData } from '../page-data.ts'
import { byId } from './elements.ts'

export interface Loaded {
  readonly data: PageData
  readonly cells: CountedCells
}

export async function loadData(): Promise<Loaded> {
  const data = JSON.parse(byId(pageIds.data).textContent) as PageData
  const packed = Uint8Array.from(atob(byId(pageIds.cells).textContent), (character) =>
    character.charCodeAt(0),
  )
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer())
  return { data, cells: unpackCells(bytes) }
}
