/**
 * Bytes of UTF-8 as a text that has one character a byte ("byte text"). To search, cut and join such texts costs no
 * decoding, and one name in another script does not make a whole part of a history twice as wide.
 */

/** The same characters, but for those outside of ASCII. */
export function toByteText(text: string): string {
  return Buffer.from(text).toString('latin1')
}

/** What is no UTF-8 becomes U+FFFD. */
export function fromByteText(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString()
}

/** The same byte text, which keeps nothing alive that it was cut from: for what is kept. */
export function copyByteText(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('latin1')
}

/** Whether a text is the same as byte text. */
export function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text)
}
