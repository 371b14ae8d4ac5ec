import type { PathSegment } from '../../yaml/index.ts'

/** Something an overlay asks for that cannot be done, with the place of it inside `patch`. */
export class OverlayProblem extends Error {
  /** inside `patch` */
  readonly path: readonly PathSegment[]
  readonly hint: string | undefined

  constructor(message: string, path: readonly PathSegment[], hint?: string) {
    super(message)
    this.path = path
    this.hint = hint
  }
}

/** `.spec.replicas`; the object itself is `the object`. */
export function formatPath(path: readonly PathSegment[]): string {
  if (path.length === 0) return 'the object'
  return path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')
}
