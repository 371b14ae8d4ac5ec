/** The worker thread of the hashing pool. `scripts/bundle.ts` makes it an entry of its own. */
import { parentPort } from 'node:worker_threads'
import { newTally } from '../base/index.ts'
import { packError, type HashReply, type HashRequest } from './hash-message.ts'
import { hashRecipe } from './hash-recipe.ts'
import type { Recipe } from './recipe.ts'

const progressMs = 100

let running: AbortController | undefined

parentPort?.on('message', (request: HashRequest) => {
  if (request.kind === 'abort') running?.abort()
  else void hash(request.recipe)
})

reply({ kind: 'ready' })

async function hash(recipe: Recipe): Promise<void> {
  running = new AbortController()
  const tally = newTally()
  let told = { bytesRead: 0, bytesHashed: 0 }
  const tellProgress = (): void => {
    const { bytesRead, bytesHashed } = tally
    reply({
      kind: 'progress',
      bytesRead: bytesRead - told.bytesRead,
      bytesHashed: bytesHashed - told.bytesHashed,
    })
    told = { bytesRead, bytesHashed }
  }
  const timer = setInterval(tellProgress, progressMs)
  try {
    const digest = await hashRecipe(recipe, { signal: running.signal, tally })
    tellProgress()
    reply({ kind: 'done', digest })
  } catch (error) {
    tellProgress()
    reply({ kind: 'failed', error: packError(error) })
  } finally {
    clearInterval(timer)
  }
}

function reply(message: HashReply): void {
  parentPort?.postMessage(message)
}
