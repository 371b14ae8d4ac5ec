import type { PathSegment } from '../../../yaml/index.ts'

/** Something wrong with an object, before it is known where its text is. */
export interface Issue {
  readonly severity: 'error' | 'warning'
  readonly rule: string
  /** what is wrong with the field, to be put behind its path: `must be a number` */
  readonly message: string
  readonly path: readonly PathSegment[]
  readonly side?: 'key' | 'value'
  readonly hint?: string
  /** the line of the file is not shown */
  readonly isSecret?: boolean
}

/** `spec.rules[0].matches[1].path`; nothing for the object itself */
export function formatPath(path: readonly PathSegment[]): string {
  return path
    .map((segment, index) =>
      typeof segment === 'number' ? `[${segment}]` : index === 0 ? segment : `.${segment}`,
    )
    .join('')
}
