/**
 * Variables that can be taken back: stages are walked as the tree they form, and what a stage sets is undone before
 * the next branch. So a thousand stages on one share its variables instead of copying them.
 */
export interface Journal {
  get(name: string): string | undefined
  set(name: string, value: string): void
  /** an ARG without a value: known, not set */
  declare(name: string): void
  isDeclared(name: string): boolean
  names(): Iterable<string>
  declaredNames(): Iterable<string>
  /** for `undo` */
  mark(): number
  undo(mark: number): void
}

export function newJournal(): Journal {
  const values = new Map<string, string>()
  const declared = new Set<string>()
  const undoing: (() => void)[] = []
  return {
    get: (name) => values.get(name),
    set(name, value) {
      const before = values.get(name)
      undoing.push(before === undefined ? () => values.delete(name) : () => values.set(name, before))
      values.set(name, value)
    },
    declare(name) {
      if (declared.has(name)) return
      undoing.push(() => declared.delete(name))
      declared.add(name)
    },
    isDeclared: (name) => declared.has(name),
    names: () => values.keys(),
    declaredNames: () => declared,
    mark: () => undoing.length,
    undo(mark) {
      while (undoing.length > mark) undoing.pop()!()
    },
  }
}
