/**
 * PAX extended header records of untrusted archives (POSIX.1-2017 pax), with values as bytes: names need not be UTF-8
 * and attributes such as `security.capability` are binary.
 */

/** @throws Error saying what is wrong */
export function parseRecords(bytes: Buffer): Map<string, Buffer> {
  const records = new Map<string, Buffer>()
  for (let start = 0; start < bytes.length;) {
    const space = bytes.indexOf(0x20, start)
    const digits = bytes.toString('latin1', start, space)
    const end = start + Number(digits)
    const equals = bytes.indexOf(0x3d, space)
    if (
      !/^[0-9]{1,9}$/.test(digits) ||
      equals < 0 ||
      end > bytes.length ||
      end <= equals ||
      bytes[end - 1] !== 0x0a
    )
      throw new Error(`the extended header record at its byte ${start} is not well formed`)
    records.set(bytes.toString('utf8', space + 1, equals), bytes.subarray(equals + 1, end - 1))
    start = end
  }
  return records
}

const attributePrefix = 'SCHILY.xattr.'

/** The extended attributes among records, or nothing. */
export function attributesIn(records: ReadonlyMap<string, Buffer>): Record<string, Uint8Array> | undefined {
  const attributes = [...records].filter(([key]) => key.startsWith(attributePrefix))
  if (attributes.length === 0) return undefined
  return Object.fromEntries(
    attributes.map(([key, value]) => [key.slice(attributePrefix.length), new Uint8Array(value)]),
  )
}
