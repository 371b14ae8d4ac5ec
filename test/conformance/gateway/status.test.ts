/** Official tests that look at nothing but status, on the loader's store and the translators. */
import { describe, test } from 'node:test'
import { skipWithoutOpenssl } from '../../support/certificates.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { baseObjects } from './base.ts'
import { gatewayStatusCases } from './cases/gateway-status.ts'
import { listenerSetStatusCases } from './cases/listener-set-status.ts'
import { referenceGrantCases } from './cases/reference-grants.ts'
import { routeStatusCases } from './cases/route-status.ts'
import { statusWorld } from './status-world.ts'
import { suiteCertificates, type SuiteCertificates } from './suite-certificates.ts'

const skip = skipWithoutOpenssl()
const cases = [...gatewayStatusCases, ...referenceGrantCases, ...listenerSetStatusCases, ...routeStatusCases]

describe('Gateway API conformance: status', { skip }, async () => {
  await using folder = await temporaryFolder()
  const certificates = skip ? undefined : await suiteCertificates(folder.path)
  for (const { name, objects = [], run } of cases) {
    test(name, async () => {
      const base = baseObjects(certificates as SuiteCertificates, [])
      const world = await statusWorld([...base, ...objects], { unusable: ['192.0.2.1'] })
      await run(world)
    })
  }
})
