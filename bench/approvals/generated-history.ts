/** A history with so many review trailers, the same each time: people of very unequal weight, messages of usual length. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { seededRandom } from '../../test/support/project.ts'

const trailersPerCommit = 2
const text = 'This explains why the change is needed, what was tried before and what it costs.\n'.repeat(5)

/** Makes a bare repository once. */
export async function generateHistory(folder: string, approvals: number): Promise<void> {
  if (existsSync(folder)) return
  const making = `${folder}.making`
  await rm(making, { recursive: true, force: true })
  await mkdir(making, { recursive: true })
  await git(making, ['init', '--quiet', '--bare', '--initial-branch=main', '.'])
  const random = seededRandom(approvals)
  const person = (among: number) => Math.floor(random() ** 3 * among)
  const mail = (index: number) => `Person ${index.toString(36)} Example <person${index}@example.org>`
  const import_ = spawn('git', ['-C', making, 'fast-import', '--quiet'], {
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  for (let index = 0; index < approvals / trailersPerCommit; index++) {
    const seconds = 1_400_000_000 + Math.floor((index * trailersPerCommit * 380_000_000) / approvals)
    const author = person(1600)
    const reviewers = Array.from({ length: trailersPerCommit }, () => (author + 1 + person(500)) % 1600)
    const trailers = [...new Set(reviewers)].map((reviewer) => `Reviewed-by: ${mail(reviewer)}\n`)
    const message = `area: change number ${index}\n\n${text}\nChange-Id: I${index.toString(16).padStart(40, '0')}\n${trailers.join('')}`
    const who = `${mail(author)} ${seconds} +0000`
    const commit = `commit refs/heads/main\nauthor ${who}\ncommitter ${who}\ndata ${Buffer.byteLength(message)}\n${message}\n`
    if (!import_.stdin.write(commit)) await once(import_.stdin, 'drain')
  }
  import_.stdin.end()
  await once(import_, 'close')
  await rename(making, folder)
}

async function git(folder: string, args: readonly string[]): Promise<void> {
  await once(spawn('git', ['-C', folder, ...args], { stdio: 'inherit' }), 'close')
}
