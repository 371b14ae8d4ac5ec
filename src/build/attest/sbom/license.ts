/** Licenses as packages declare them. */
import parse from 'spdx-expression-parse'

/** The text when it is a license expression of SPDX (annex D), which is the only form documents take as one. */
export function licenseExpression(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  try {
    parse(text)
    return text
  } catch {
    return undefined
  }
}
