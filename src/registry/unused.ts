/** Whether a repository can hold anything yet (distribution-spec "Listing tags"). */
import { systemCode, type Waiting } from '../base/index.ts'
import { readAtMost } from '../http/index.ts'
import { BadAnswer } from './answer.ts'
import { pushScope } from './scope.ts'
import type { Wire } from './wire.ts'

/** A list that is longer has a tag in it. */
const longestEmptyList = 4096

/** Any other answer than a clear yes is a no: whoever asks only wants to save time. */
export async function isUnused(wire: Wire, repository: string, options: Waiting): Promise<boolean> {
  try {
    return await wire.ask(
      {
        purpose: 'GET tags',
        method: 'GET',
        path: `/v2/${repository}/tags/list?n=1`,
        scopes: [pushScope(repository)],
        accept: [200, 404],
        signal: wire.signalFor(options.signal),
      },
      async (response) => {
        if (response.status === 404) return true
        const bytes = await readAtMost(response.body, longestEmptyList)
        return bytes !== undefined && isEmptyList(Buffer.from(bytes).toString('utf8'))
      },
    )
  } catch (error) {
    if (error instanceof BadAnswer || systemCode(error) !== undefined) return false
    throw error
  }
}

/** `{"name":"a/b","tags":[]}`, or `null` for the list. */
function isEmptyList(text: string): boolean {
  try {
    const { tags } = JSON.parse(text) as { tags?: unknown }
    return tags === null || (Array.isArray(tags) && tags.length === 0)
  } catch {
    return false
  }
}
