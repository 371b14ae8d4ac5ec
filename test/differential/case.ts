/** One Dockerfile with everything around it, as data: both builders get the same. */
import type { DifferenceName } from './differences.ts'
import type { FileTable } from './file-table.ts'

export interface Case {
  /** what it shows, unique in its group */
  readonly name: string
  readonly dockerfile: string
  /** the build context; default: empty */
  readonly context?: FileTable
  /** `<Dockerfile>.dockerignore` */
  readonly ownIgnore?: string
  /** the Dockerfile lies in the context, as `Dockerfile` */
  readonly isInContext?: boolean
  /** build arguments; `{web}` in a value is the address of the test's web server, such as `http://127.0.0.1:4711` */
  readonly args?: Readonly<Record<string, string>>
  /** named contexts: a folder, or a reference of an image */
  readonly contexts?: Readonly<Record<string, FileTable | string>>
  readonly labels?: Readonly<Record<string, string>>
  /** default linux/amd64 */
  readonly platform?: string
  readonly target?: string
  /** differences from BuildKit that it shows on purpose; the golden file has the lines that differ */
  readonly differences?: readonly DifferenceName[]
  /** who is working on what it needs: it is listed and not judged */
  readonly pending?: string
}

/** Cases about one subject, kept in one golden file. */
export interface CaseGroup {
  readonly name: string
  readonly cases: readonly Case[]
}

export const defaultPlatform = 'linux/amd64'

/** A case, its Dockerfile as lines. */
export function build(
  name: string,
  lines: readonly string[],
  fields: Omit<Case, 'name' | 'dockerfile'> = {},
): Case {
  return { name, dockerfile: `${lines.join('\n')}\n`, ...fields }
}
