import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { encodeCapabilities } from './capabilities.ts'

const hex = (text: string) => Buffer.from(encodeCapabilities(text)).toString('hex')

describe('file capabilities', () => {
  // What `setcap TEXT file` leaves in the attribute on Linux.
  for (const [text, expected] of [
    ['cap_net_bind_service+ep', '0100000200040000000000000000000000000000'],
    ['cap_net_raw,cap_net_admin=p', '0000000200300000000000000000000000000000'],
    ['cap_net_admin+i', '0000000200000000001000000000000000000000'],
    ['cap_bpf+ep', '0100000200000000000000008000000000000000'],
    ['CAP_CHOWN+p cap_kill+i', '0000000201000000200000000000000000000000'],
    ['all=ep', '01000002ffffffff00000000ff01000000000000'],
  ] as const) {
    test(text, () => assert.equal(hex(text), expected))
  }
  for (const [text, message] of [
    ['cap_net_bindservice+ep', /no capability "cap_net_bindservice", did you mean cap_net_bind_service\?/],
    ['cap_chown', /"cap_chown" is not name/],
    ['cap_chown+x', /is not name/],
    ['', /"" is not name/],
    ['cap_chown+p cap_kill+ei', /the flag e holds for all/],
  ] as const) {
    test(`refuses "${text}"`, () =>
      assert.throws(() => encodeCapabilities(text), { code: 'PLAN_INVALID', message }))
  }
})
