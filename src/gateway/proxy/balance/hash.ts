/** FNV-1a with the finish of MurmurHash3, 32 bits: short texts that differ in their last letter spread well. */
export function hashText(text: string, seed = 0): number {
  let hash = 0x81_1c_9d_c5 ^ seed
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01_00_01_93)
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x85_eb_ca_6b)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2_b2_ae_35)
  return (hash ^ (hash >>> 16)) >>> 0
}
