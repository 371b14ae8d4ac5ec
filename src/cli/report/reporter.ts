/** What shows the progress of a run. */
import type { BuildEvent } from '../../build/index.ts'

export interface Reporter {
  emit(event: BuildEvent): void
  /** Removes live lines; nothing is printed after it. */
  close(): void
}
