/** Rules of one HTTPRoute at Gateway `same-namespace`, and a table of requests. */
import { expectRows, type Row } from './expecting.ts'
import { route } from './objects.ts'
import { filter, type SuiteCase } from './suite-case.ts'
import type { TrafficWorld } from './traffic-world.ts'
import { expectRoute } from './world.ts'

export type Rule = Record<string, unknown>

/** The route is accepted and resolved, and each request comes out as the table says. */
export function httpTable(
  name: string,
  rules: readonly Rule[],
  rows: readonly Row[],
): SuiteCase<TrafficWorld> {
  return {
    name,
    objects: [route('HTTPRoute', 'web', { rules })],
    async run(world) {
      expectRoute(world, ['HTTPRoute', 'web'], 'same-namespace', 'Accepted=True', 'ResolvedRefs=True')
      await expectRows(world, 'same-namespace', rows)
    },
  }
}

/** With the modifiers of many filter tests: one set, two added, one removed. */
export const edits = filter.requestHeaders({
  set: { 'X-Header-Set': 'set-overwrites-values' },
  add: { 'X-Header-Add': 'header-val-1', 'X-Header-Add-Append': 'header-val-2' },
  remove: ['X-Header-Remove'],
})
export const toBeEdited = 'X-Header-Remove=remove-val X-Header-Add-Append=append-val-1'
export const edited = {
  headers: {
    'x-header-add': 'header-val-1',
    'x-header-add-append': 'append-val-1,header-val-2',
    'x-header-set': 'set-overwrites-values',
  },
  absent: ['x-header-remove'],
}
