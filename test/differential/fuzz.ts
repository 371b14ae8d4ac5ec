/** `node test/differential/fuzz.ts --runs N --seed S`: compares random Dockerfiles. Exits with 1 on a difference. */
import { parseArgs } from 'node:util'
import { fuzz } from './fuzz-run.ts'
import { startOracle } from './oracle.ts'
import { openSubject } from './subject.ts'
import { openWorkspace } from './workspace.ts'

const { values } = parseArgs({ options: { runs: { type: 'string' }, seed: { type: 'string' } } })
const runs = Number(values.runs ?? 200)
const seed = Number(values.seed ?? Date.now() % 2 ** 31)
const started = performance.now()
await using workspace = await openWorkspace()
await using oracle = await startOracle(workspace.registry)
await using subject = openSubject(workspace)
const { failure, builds, refused } = await fuzz({ workspace, oracle, subject, runs, seed })
const seconds = ((performance.now() - started) / 1000).toFixed(1)
process.stdout.write(`seed ${seed}: ${builds} Dockerfiles, ${refused} refused by both, ${seconds} s\n`)
if (failure !== undefined) {
  process.exitCode = 1
  process.stdout.write(`${failure}\n`)
}
