/** What a token lets us do: `repository:acme/api:pull,push` (distribution token authentication, "scope"). */
export interface Scope {
  readonly repository: string
  readonly actions: readonly ('pull' | 'push')[]
}

/** Everything that pushing to a repository needs. */
export function pushScope(repository: string): Scope {
  return { repository, actions: ['pull', 'push'] }
}

export function formatScope(scope: Scope): string {
  return `repository:${scope.repository}:${scope.actions.join(',')}`
}

/** Whether a token for `held` is good for everything of `wanted`. */
export function coversScopes(held: readonly string[], wanted: readonly string[]): boolean {
  return wanted.every((scope) => held.some((one) => covers(one, scope)))
}

function covers(held: string, wanted: string): boolean {
  const [heldResource, heldActions] = splitActions(held)
  const [resource, actions] = splitActions(wanted)
  return heldResource === resource && actions.every((action) => heldActions.includes(action))
}

function splitActions(scope: string): [resource: string, actions: string[]] {
  const colon = scope.lastIndexOf(':')
  return colon < 0 ? [scope, []] : [scope.slice(0, colon), scope.slice(colon + 1).split(',')]
}
