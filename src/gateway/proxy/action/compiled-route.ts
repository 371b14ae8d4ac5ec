/** Routes with everything worked out that does not depend on a request. */
import type {
  DirectResponseAction,
  ForwardTarget,
  Mirror,
  Rewrite,
  Route,
  ForwardAction,
} from '../../model/index.ts'
import type { LiveCluster } from '../cluster/cluster.ts'
import { compileMutation, type CompiledMutation } from '../headers/mutation.ts'
import { compileCors, type CompiledCors } from './cors.ts'
import { compilePathRewrite } from './path-rewrite.ts'
import { compileRedirect, type RedirectedRequest } from './redirect.ts'
import { weightedChoice } from './weights.ts'

export interface CompiledRoute {
  readonly route: Route
  readonly requestHeaders: CompiledMutation | undefined
  readonly responseHeaders: CompiledMutation | undefined
  readonly cors: CompiledCors | undefined
  readonly action: CompiledForward | CompiledRedirect | CompiledResponse
}

export interface CompiledRedirect {
  readonly kind: 'redirect'
  readonly status: number
  readonly locationOf: (request: RedirectedRequest) => string
}

export interface CompiledResponse {
  readonly kind: 'response'
  readonly status: number
  readonly body: Buffer | undefined
  readonly action: DirectResponseAction
}

export interface CompiledForward {
  readonly kind: 'forward'
  readonly action: ForwardAction
  readonly upgrades: readonly string[]
  /** number of the target that gets a request; -1: none */
  readonly choose: (random: () => number) => number
  readonly targets: readonly CompiledTarget[]
}

export interface CompiledTarget {
  readonly to:
    | { readonly kind: 'cluster'; readonly name: string; readonly cluster: LiveCluster | undefined }
    | { readonly kind: 'status'; readonly status: number; readonly why: string }
    | CompiledRedirect
  readonly requestHeaders: CompiledMutation | undefined
  readonly responseHeaders: CompiledMutation | undefined
  readonly rewrite: CompiledRewrite | undefined
  readonly mirrors: readonly CompiledMirror[]
}

export interface CompiledRewrite {
  readonly host: string | undefined
  readonly autoHost: boolean
  readonly path: ((path: string) => string) | undefined
}

export interface CompiledMirror {
  readonly cluster: LiveCluster | undefined
  readonly fraction: number
  readonly shadowHost: boolean
}

export type ClusterOf = (name: string) => LiveCluster | undefined

const noMirrors: readonly CompiledMirror[] = []

/** @throws Error when it has a regular expression that RE2 does not know */
export function compileRoute(route: Route, clusterOf: ClusterOf): CompiledRoute {
  return {
    route,
    requestHeaders: compileMutation(route.requestHeaders),
    responseHeaders: compileMutation(route.responseHeaders),
    cors: route.cors && compileCors(route.cors),
    action: compileAction(route.action, clusterOf),
  }
}

function compileAction(action: Route['action'], clusterOf: ClusterOf): CompiledRoute['action'] {
  switch (action.kind) {
    case 'redirect':
      return { kind: 'redirect', status: action.status, locationOf: compileRedirect(action) }
    case 'response':
      return { kind: 'response', status: action.status, body: bodyOf(action), action }
    case 'forward': {
      return {
        kind: 'forward',
        action,
        upgrades: (action.upgrades ?? ['websocket']).map((name) => name.toLowerCase()),
        choose: weightedChoice(action.targets.map(({ weight }) => weight)),
        targets: action.targets.map((target) => compileTarget(target, action, clusterOf)),
      }
    }
  }
}

function compileTarget(target: ForwardTarget, action: ForwardAction, clusterOf: ClusterOf): CompiledTarget {
  const mirrors = target.mirrors ?? action.mirrors
  return {
    to: compileDestination(target.to, clusterOf),
    requestHeaders: compileMutation(target.requestHeaders),
    responseHeaders: compileMutation(target.responseHeaders),
    rewrite: compileRewrite(target.rewrite ?? action.rewrite),
    mirrors: mirrors === undefined ? noMirrors : mirrors.map((mirror) => compileMirror(mirror, clusterOf)),
  }
}

function compileDestination(to: ForwardTarget['to'], clusterOf: ClusterOf): CompiledTarget['to'] {
  if ('cluster' in to) return { kind: 'cluster', name: to.cluster, cluster: clusterOf(to.cluster) }
  if ('status' in to) return { kind: 'status', ...to }
  return { kind: 'redirect', status: to.redirect.status, locationOf: compileRedirect(to.redirect) }
}

function compileRewrite(rewrite: Rewrite | undefined): CompiledRewrite | undefined {
  if (rewrite === undefined) return undefined
  const { host, autoHost = false, path } = rewrite
  return { host, autoHost, path: path && compilePathRewrite(path) }
}

function compileMirror(
  { cluster, fraction = 1, shadowHost = false }: Mirror,
  clusterOf: ClusterOf,
): CompiledMirror {
  return { cluster: clusterOf(cluster), fraction, shadowHost }
}

function bodyOf({ body }: DirectResponseAction): Buffer | undefined {
  if (body === undefined) return undefined
  return 'text' in body ? Buffer.from(body.text) : Buffer.from(body.base64, 'base64')
}
