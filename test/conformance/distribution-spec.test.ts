/** The embedded registry under the conformance suite of distribution-spec: pull, push, discovery and management. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { startRegistryServer } from '../../src/registry/index.ts'
import { openRegistryFolder } from '../../src/store/index.ts'
import { distributionConformance, findGoPrograms } from '../support/go-programs.ts'
import { runProgram } from '../support/program.ts'
import { requirePart } from '../support/require-part.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const programs = await findGoPrograms(distributionConformance)
const skip = requirePart('the conformance suite of registries', programs !== undefined)

describe('distribution-spec conformance', { skip }, () => {
  for (const version of ['1.1', 'dev']) {
    test(`the embedded registry passes version ${version}`, async (context) => {
      await using folder = await temporaryFolder()
      const store = await openRegistryFolder(folder.join('store'))
      const server = await startRegistryServer({ address: { host: '127.0.0.1', port: 0 }, store })
      try {
        await runProgram(join(programs!, 'conformance'), [], {
          cwd: folder.path,
          env: {
            OCI_VERSION: version,
            OCI_REGISTRY: server.host,
            OCI_TLS: 'disabled',
            OCI_RESULTS_DIR: folder.join('results'),
          },
        })
      } finally {
        await server.close()
        await store.close()
      }
      const report = await readFile(folder.join('results/junit.xml'), 'utf8')
      const count = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(report)?.[1] ?? 'NaN')
      context.diagnostic(`${count('tests')} tests, ${count('skipped')} of them skipped`)
      assert.ok(count('tests') > 300, report.slice(0, 500))
      assert.deepEqual([count('failures'), count('errors')], [0, 0])
    })
  }
})
