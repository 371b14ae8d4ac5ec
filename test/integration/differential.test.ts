/**
 * Slipway against what BuildKit says of the same Dockerfiles: first against its recorded answers, everywhere; then,
 * where the oracle itself is there, against answers it gives now and to Dockerfiles nobody has written.
 */
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { caseGroups } from '../differential/cases/index.ts'
import { differences } from '../differential/differences.ts'
import { fuzz } from '../differential/fuzz-run.ts'
import { readGolden } from '../differential/golden.ts'
import { startOracle, type Oracle } from '../differential/oracle.ts'
import { outcomeDifference } from '../differential/outcome.ts'
import { openSubject, type Subject } from '../differential/subject.ts'
import { openWorkspace, type Workspace } from '../differential/workspace.ts'
import { skipWithoutBuildkitd } from '../support/buildkitd.ts'

/** Of every group each so many cases is asked again where the oracle is there. */
const sampleStep = 12
const fuzzRuns = 30
const fuzzSeed = 20_261_123

let workspace: Workspace
let subject: Subject
before(async () => {
  workspace = await openWorkspace()
  subject = openSubject(workspace)
})
after(async () => {
  await subject[Symbol.asyncDispose]()
  await workspace[Symbol.asyncDispose]()
})

suite('Dockerfiles mean what BuildKit takes them for', () => {
  for (const group of caseGroups) {
    test(group.name, async (context) => {
      const golden = await readGolden(group.name)
      const names = group.cases.map(({ name }) => name)
      assert.deepEqual(Object.keys(golden), names, 'the golden file has these cases: run record.ts')
      const wrong: string[] = []
      for (const item of group.cases) {
        if (item.pending !== undefined) continue
        const { oracle, differs = [] } = golden[item.name]!
        const actual = await subject.build(await workspace.prepare(item))
        const found = outcomeDifference(oracle, actual)
        if (found.join('\n') === differs.join('\n')) continue
        const reasons = [oracle.error, actual.error].filter((text) => text !== undefined)
        wrong.push([`${group.name}: ${item.name}`, ...found, ...reasons].join('\n    '))
      }
      const pending = group.cases.filter((item) => item.pending !== undefined)
      const named = group.cases.filter((item) => (item.differences ?? []).length > 0)
      const equal = group.cases.length - pending.length - named.length
      context.diagnostic(`${equal} equal, ${named.length} differ as named, ${pending.length} pending`)
      assert.equal(wrong.length, 0, wrong.join('\n'))
    })
  }

  test('every case has a name of its own in its group', () => {
    for (const { name, cases } of caseGroups) {
      assert.equal(new Set(cases.map((item) => item.name)).size, cases.length, name)
    }
  })

  test('every named difference is shown by a case, and explained by its name in docs/dockerfile.md', async () => {
    const shown = new Set(caseGroups.flatMap(({ cases }) => cases.flatMap((item) => item.differences ?? [])))
    const document = await readFile(join(import.meta.dirname, '../../docs/dockerfile.md'), 'utf8')
    const explained = [...document.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name ?? '')
    assert.deepEqual([...shown].toSorted(), Object.keys(differences).toSorted())
    assert.deepEqual(
      [...explained].toSorted((a = '', b = '') => (a < b ? -1 : 1)),
      Object.keys(differences).toSorted(),
    )
  })
})

const skip = await skipWithoutBuildkitd()
suite('BuildKit itself', { skip, timeout: 300_000 }, () => {
  let oracle: Oracle
  before(async () => {
    oracle = await startOracle(workspace.registry)
  })
  after(async () => {
    await oracle[Symbol.asyncDispose]()
  })

  for (const { name, cases } of caseGroups) {
    test(`still says what is recorded of ${name}`, async () => {
      const golden = await readGolden(name)
      for (const item of cases.filter((_, index) => index % sampleStep === 0)) {
        const now = await oracle.build(await workspace.prepare(item))
        assert.deepEqual(outcomeDifference(golden[item.name]!.oracle, now), [], item.name)
      }
    })
  }

  test(`agrees on ${fuzzRuns} random Dockerfiles`, async () => {
    const { failure } = await fuzz({ workspace, oracle, subject, runs: fuzzRuns, seed: fuzzSeed })
    assert.equal(failure, undefined)
  })
})
