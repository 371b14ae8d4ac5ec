/** What a package has rendered, and overlays have changed, before a server sees it. */
import { Failure, type FailureCode } from '../../base/index.ts'
import {
  checkShape,
  findRemovedVersion,
  formatObject,
  keyOf,
  type KubeObject,
  type KubeSchema,
} from '../../kube/index.ts'
import { withOthers } from '../../yaml/index.ts'

export interface CheckOptions {
  readonly schema: KubeSchema
  /** whose doing it is: PACKAGE_INVALID for what a package renders, OVERLAY_INVALID after overlays */
  readonly code: FailureCode
  /** `package nginx 1.0.0` */
  readonly source: string
}

/** Objects that would be refused, or could not be told apart. @throws Failure with `code`, all of them in `others` */
export function checkObjects(objects: readonly KubeObject[], { schema, code, source }: CheckOptions): void {
  const failures: Failure[] = []
  const seen = new Set<string>()
  for (const object of objects) {
    const what = `${source} renders ${formatObject(object)}`
    if (seen.has(keyOf(object))) failures.push(new Failure(code, `${what} twice`))
    seen.add(keyOf(object))
    const gone = findRemovedVersion(object)
    if (gone)
      failures.push(
        new Failure(code, `${what} in ${object.apiVersion}, which Kubernetes ${gone.since} has removed`, {
          hint: gone.successor && `write it in ${gone.successor}`,
        }),
      )
    const known = schema.find(object)
    for (const { path, message, hint } of known ? checkShape(object, known.shape) : [])
      failures.push(new Failure(code, `${what}, whose ${path} ${message}`, { hint }))
  }
  if (failures.length > 0) throw withOthers(failures)
}

/** What can be applied and yet will not do what it says. */
export function findWarnings(objects: readonly KubeObject[], schema: KubeSchema): string[] {
  return objects
    .filter((object) => !schema.find(object))
    .map(
      (object) =>
        `${formatObject(object)} is of ${object.apiVersion}, which is not one of Kubernetes' own: it is not checked here`,
    )
}
