import type { Diagnostic } from '../objects/diagnostic.ts'
import type { KubeObject } from '../objects/object.ts'

/** Below `spec`; from the top when it begins with `metadata`. */
export type FieldPath = readonly (string | number)[]

export interface Finding {
  readonly rule: string
  readonly message: string
  readonly hint?: string
}

/** Collects what people should know, by object. Saying the same of one place twice says it once. */
export interface Report {
  /** the object, or the part at `path`, has no effect */
  readonly error: (object: KubeObject, path: FieldPath, finding: Finding) => void
  readonly warn: (object: KubeObject, path: FieldPath, finding: Finding) => void
  /** a field that this gateway does not act on */
  readonly ignored: (object: KubeObject, path: FieldPath, why: string) => void
  readonly of: (object: KubeObject) => readonly Diagnostic[]
  readonly all: () => readonly Diagnostic[]
}

export function newReport(): Report {
  const byObject = new Map<string, Map<string, Diagnostic>>()
  const say = (severity: Diagnostic['severity'], object: KubeObject, path: FieldPath, finding: Finding) => {
    const at = object.placeOf(path[0] === 'metadata' ? path : ['spec', ...path])
    const told = byObject.get(nameOf(object)) ?? new Map<string, Diagnostic>()
    byObject.set(nameOf(object), told)
    const diagnostic = { severity, ...finding, at, object: nameOf(object) }
    const key = `${severity} ${finding.rule} ${path.join('.')} ${finding.message}`
    if (!told.has(key)) told.set(key, diagnostic)
  }
  return {
    error: (object, path, finding) => say('error', object, path, finding),
    warn: (object, path, finding) => say('warning', object, path, finding),
    ignored: (object, path, why) => {
      const field = path.filter((step) => typeof step === 'string').join('.')
      say('warning', object, path, {
        rule: 'field-without-effect',
        message: `${field} has no effect: ${why}`,
      })
    },
    of: (object) => [...(byObject.get(nameOf(object))?.values() ?? [])],
    all: () => [...byObject.values()].flatMap((told) => [...told.values()]),
  }
}

/** `VirtualService default/web` */
export function nameOf(object: KubeObject): string {
  return `${object.kind} ${object.metadata.namespace}/${object.metadata.name}`
}
