/** Runs cases of one file on a gateway of their own, one after another. */
import { createServer } from 'node:net'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { skipWithoutOpenssl } from '../../support/certificates.ts'
import { skipFor } from '../../support/require-part.ts'
import { temporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts'
import { baseObjects } from './base.ts'
import { startEchoPods, type EchoPods } from './echo/echo-pods.ts'
import { suiteCertificates } from './suite-certificates.ts'
import type { SuiteCase } from './suite-case.ts'
import { trafficWorld, type TrafficWorld } from './traffic-world.ts'

/** Two parts of loopback addresses that no other process of these tests has. */
const block = `127.${64 + (process.pid % 64)}`

/** Registers a test for each case, by its official name. */
export async function runCases(title: string, cases: readonly SuiteCase<TrafficWorld>[]): Promise<void> {
  const skip = skipWithoutOpenssl() || (await skipWithoutLowPorts())
  describe(`Gateway API conformance: ${title}`, { skip }, () => {
    let folder: TemporaryFolder
    let pods: EchoPods
    let world: TrafficWorld
    before(async () => {
      folder = await temporaryFolder()
      const certificates = await suiteCertificates(folder.path)
      pods = await startEchoPods(certificates, block)
      const files = await temporaryFolder()
      world = await trafficWorld({
        folder: files.path,
        base: baseObjects(certificates, pods.pods),
        pods,
        certificates,
        block,
      })
    })
    after(async () => {
      await world[Symbol.asyncDispose]()
      await pods[Symbol.asyncDispose]()
      await folder.remove()
    })
    for (const { name, objects = [], run } of cases) {
      test(name, async () => {
        await world.replace({ put: objects })
        try {
          await run(world)
        } finally {
          await world.replace({ gone: objects })
        }
      })
    }
  })
}

/** Redirects are told by well-known ports, so these cases listen on 80 and 443 of loopback. */
async function skipWithoutLowPorts(): Promise<string | false> {
  const server = createServer().listen(80, `${block}.0.2`)
  try {
    await once(server, 'listening')
    return false
  } catch (error) {
    return skipFor(`port 80 of loopback cannot be bound: ${(error as Error).message}`)
  } finally {
    server.close()
  }
}
