/**
 * File capabilities that a plan gives to files of an image (capabilities(7), "File capabilities"). Node.js cannot read
 * extended attributes, so they are declared: in the text form of setcap(8), stored as `security.capability`.
 */
import { Failure, nearest } from '../../base/index.ts'

/** In the order of their bits (linux/capability.h). */
const names = `
  chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service
  net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin
  sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override
  mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore`
  .trim()
  .split(/\s+/)
  .map((name) => `cap_${name}`)

/** VFS_CAP_REVISION_2 and its effective flag */
const revision = 0x0200_0000
const effective = 1
const clause = /^([a-z_,]+)[=+]([eip]+)$/

/**
 * The 20 bytes of `security.capability` for a text such as `cap_net_admin,cap_net_raw+ep`; clauses are separated by
 * spaces. The effective flag is of the file, not of single capabilities.
 * @throws Failure PLAN_INVALID
 */
export function encodeCapabilities(text: string): Uint8Array {
  let permitted = 0n
  let inheritable = 0n
  const clauses: string[] = []
  for (const part of text.trim().toLowerCase().split(/\s+/)) {
    const match = clause.exec(part)
    if (!match) throw invalid(text, `"${part}" is not name[,name…]+flags`)
    const bits = match[1]!.split(',').reduce((sum, name) => sum | bitOf(name, text), 0n)
    if (match[2]!.includes('p')) permitted |= bits
    if (match[2]!.includes('i')) inheritable |= bits
    clauses.push(match[2]!)
  }
  const isEffective = clauses.some((flags) => flags.includes('e'))
  if (isEffective && !clauses.every((flags) => flags.includes('e')))
    throw invalid(text, 'the flag e holds for all capabilities of a file or for none')
  const bytes = Buffer.alloc(20)
  bytes.writeUInt32LE(revision | (isEffective ? effective : 0), 0)
  const words = [permitted, inheritable, permitted >> 32n, inheritable >> 32n]
  words.forEach((word, index) => bytes.writeUInt32LE(Number(word & 0xffff_ffffn), 4 + 4 * index))
  return bytes
}

function bitOf(name: string, text: string): bigint {
  if (name === 'all') return (1n << BigInt(names.length)) - 1n
  const bit = names.indexOf(name)
  if (bit >= 0) return 1n << BigInt(bit)
  const suggestion = nearest(name, names)
  throw invalid(
    text,
    `there is no capability "${name}"${suggestion === undefined ? '' : `, did you mean ${suggestion}?`}`,
  )
}

function invalid(text: string, why: string): Failure {
  return new Failure('PLAN_INVALID', `cannot read the capabilities "${text}": ${why}`, {
    hint: 'write them as setcap does, such as cap_net_bind_service+ep',
  })
}
