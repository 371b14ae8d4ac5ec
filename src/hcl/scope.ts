/** What names mean where an expression is evaluated. */
import type { HclFunction } from './function.ts'
import type { Span } from './source.ts'
import type { Value } from './value.ts'

export interface Scope {
  /** nothing: there is no such variable. May evaluate others first, and throws what they throw. */
  readonly variable: (name: string, span: Span) => Value | undefined
  /** what can be named, for suggestions */
  readonly names: () => Iterable<string>
  readonly function: (name: string) => HclFunction | undefined
  readonly functionNames: () => Iterable<string>
  /**
   * Names that are no variables but groups of blocks: `target.app.args`. `attribute` is absent for `target.app`;
   * nothing: there is no such block.
   */
  readonly block?: (
    type: string,
    path: { readonly name: string; readonly attribute: string | undefined },
    span: Span,
  ) => Value | undefined
  readonly blockTypes?: ReadonlySet<string>
}

/** The scope with further variables, which hide those of the same name. */
export function withVariables(scope: Scope, variables: ReadonlyMap<string, Value>): Scope {
  return {
    ...scope,
    variable: (name, span) => (variables.has(name) ? variables.get(name) : scope.variable(name, span)),
    names: () => [...variables.keys(), ...scope.names()],
    ...(scope.blockTypes && {
      blockTypes: new Set([...scope.blockTypes].filter((name) => !variables.has(name))),
    }),
  }
}
