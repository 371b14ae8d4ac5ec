/** What the flags of `slipway build` are read into. */
import type { AttestFlags } from './attest-flags.ts'
import type { DelegateFlags } from './delegate-flag.ts'
import type { CheckOptions } from './check-flags.ts'
import type { OutputOptions } from './flags.ts'
import type { GitLabelFlags } from './git-label-flags.ts'
import type { NoClobberFlags } from './no-clobber-flag.ts'
import type { InsightFlags } from './insight-flags.ts'
import type { ServeFlags } from './serve-flag.ts'
import type { WatchFlags } from './watch-flag.ts'

export interface BuildFlags
  extends
    OutputOptions,
    CheckOptions,
    DelegateFlags,
    NoClobberFlags,
    GitLabelFlags,
    AttestFlags,
    InsightFlags,
    ServeFlags,
    WatchFlags {
  readonly file?: string
  readonly tag?: string[]
  readonly target?: string
  readonly buildArg?: string[]
  readonly buildContext?: string[]
  readonly platform?: string[]
  readonly label?: string[]
  readonly annotation?: string[]
  readonly iidfile?: string
}
