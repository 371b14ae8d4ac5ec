/**
 * May a namespace see an object? `exportTo` holds namespaces, `*` for all, `.` for the object's own and `~` for none;
 * nothing means all.
 */
export function isVisible(
  exportTo: readonly string[] | undefined,
  ownNamespace: string,
  namespace: string,
): boolean {
  if (!exportTo || exportTo.length === 0) return true
  return exportTo.some(
    (entry) =>
      entry === '*' ||
      entry === namespace ||
      (entry === '.' && namespace === ownNamespace && ownNamespace !== ''),
  )
}
