/** Text as XML or HTML, and numbers as short as they can be. */

/** Control characters that XML 1.0 has no way to write. */
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

export function escapeMarkup(text: string): string {
  return text
    .replaceAll(unwritable, '')
    .replaceAll(/[&<>"'\u2028\u2029]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** At most two decimals: more are smaller than a pixel of any screen. */
export function short(value: number): string {
  const rounded = Math.round(value * 100) / 100
  return String(Object.is(rounded, -0) ? 0 : rounded)
}

/** A name in a drawing: isolated, so that one written from right to left leaves its neighbours in place. */
export function isolated(text: string): string {
  return /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff]/.test(text)
    ? `\u2068${text.replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, '')}\u2069`
    : text
}

/** 1,234 whatever the language of the machine. */
export function grouped(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}

/** `97.4 %`; 100 and 0 only for all and nothing. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return '100 %'
  const share = (part / whole) * 100
  const rounded = Math.round(share * 10) / 10
  if (part !== whole && rounded === 100) return '99.9 %'
  if (part !== 0 && rounded === 0) return 'under 0.1 %'
  return `${rounded} %`
}

export function clipped(text: string, length: number): string {
  const characters = Array.from(text)
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`
}
