import type { Issue } from '../issue.ts'
import { broken, has, text, type Json, type Path } from './rule-check.ts'

/** A Service is referred to with a port. */
export function checkBackendRef(ref: Json, path: Path): Issue[] {
  const isService = text(ref, 'group') === '' && text(ref, 'kind') === 'Service'
  return isService && !has(ref, 'port') ? [broken(path, 'has no port, which a Service needs')] : []
}
