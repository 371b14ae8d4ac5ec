/** What instructions of one stage need beyond the stage itself. */
import type { Place, Waiting } from '../../base/index.ts'
import type { Environment, Escape } from '../../dockerfile/index.ts'
import type { AddSources } from '../add/add-sources.ts'
import type { Tree } from '../tree.ts'

export interface InstructionContext extends Waiting {
  readonly escape: Escape
  readonly buildArgs: Readonly<Record<string, string>>
  /** global ARGs and platform arguments: the value of an ARG without one */
  readonly globals: Environment
  /** the tree a COPY reads from: the build context, or what `--from` names */
  readonly source: (from: string | undefined, place: Place) => Promise<Tree>
  readonly addSources: AddSources
  /** `security.capability` of files by path in the image, links in the path allowed */
  readonly capabilities: ReadonlyMap<string, Uint8Array>
  /** seconds since the epoch of everything the build writes */
  readonly mtime: number
  /** the same as RFC 3339, for history */
  readonly created: string
  readonly historyComment: string
  readonly warn: (message: string, at: Place) => void
}
