import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Command } from 'commander'
import { addConfigFlags, readConfigFlags, type ConfigFlags } from './gateway-flags.ts'

const read = (...words: string[]) => {
  const command = addConfigFlags(new Command()).exitOverride()
  command.parse(['-c', 'config', ...words], { from: 'user' })
  return readConfigFlags(command.opts<ConfigFlags>())
}

describe('flags of the gateway', () => {
  test('ports of Ingresses', async () => {
    assert.deepEqual((await read()).translate.ingressPorts, { http: 80, https: 443 })
    const { translate } = await read('--ingress-ports', '8080,8443')
    assert.deepEqual(translate.ingressPorts, { http: 8080, https: 8443 })
  })

  test('what stands in front', async () => {
    assert.deepEqual((await read()).translate.topology, { trustedHops: 0, proxyProtocol: false })
    const { translate } = await read('--trusted-hops', '2', '--proxy-protocol')
    assert.deepEqual(translate.topology, { trustedHops: 2, proxyProtocol: true })
  })

  for (const words of [
    ['--ingress-ports', '80'],
    ['--ingress-ports', '80,x'],
    ['--ingress-ports', '80,443,1'],
    ['--ingress-ports', '0,443'],
    ['--ingress-ports', '80,65536'],
    ['--trusted-hops', '-1'],
    ['--trusted-hops', 'x'],
  ]) {
    test(`refuses ${words.join(' ')}`, async () => {
      await assert.rejects(async () => read(...words), { name: 'Failure', code: 'USAGE' })
    })
  }
})
