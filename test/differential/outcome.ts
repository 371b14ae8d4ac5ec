/** How a build ended: with an image, as the lines of its report, or with a reason. */
export type Outcome =
  | { readonly lines: readonly string[]; readonly error?: never }
  | { readonly error: string; readonly lines?: never }

/**
 * What differs, line by line: `- ` what only the first has, `+ ` what only the second has. Reasons of two failures
 * are each builder's own and are not compared.
 */
export function outcomeDifference(expected: Outcome, actual: Outcome): string[] {
  if (expected.error !== undefined && actual.error !== undefined) return []
  const before = expected.lines ?? ['fails']
  const after = actual.lines ?? ['fails']
  return [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ]
}
