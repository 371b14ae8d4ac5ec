export function reportPage(_facts: unknown): string {
  return ''
}
