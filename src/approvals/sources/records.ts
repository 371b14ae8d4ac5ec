/** Any file that holds approvals as records: our events, or rows somebody counted. */
import type { EventRecord } from '../event.ts'
import { readEvents } from '../event-reader.ts'
import { readRows, type RowsOptions } from './rows/rows-source.ts'

/** Events are read as they come, rows when all are there. @throws Failure APPROVALS_INVALID */
export async function* readRecords(
  chunks: AsyncIterable<Uint8Array>,
  file: string,
  options: RowsOptions = {},
): AsyncGenerator<EventRecord> {
  const iterator = chunks[Symbol.asyncIterator]()
  const head: Uint8Array[] = []
  let start = ''
  while (start.trim() === '' || (start.length < 200 && !start.includes('\n'))) {
    const next = await iterator.next()
    if (next.done) break
    head.push(next.value)
    start = Buffer.concat(head).toString('utf8', 0, 1000)
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    yield* head
    for (;;) {
      const next = await iterator.next()
      if (next.done) return
      yield next.value
    }
  }
  if (start.trim() === '' || /^\s*\{\s*"(?:kind|[^"]+"[^\n]*"kind)"\s*:/.test(start))
    return yield* readEvents(all(), file)
  const text: Uint8Array[] = []
  for await (const chunk of all()) text.push(chunk)
  yield* readRows(Buffer.concat(text).toString('utf8'), file, options)
}
