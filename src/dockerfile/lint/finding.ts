/** What lint is asked and what it answers. */
import type { Failure, Place } from '../../base/index.ts'
import type { IgnoreRules } from '../ignore.ts'
import type { RuleName } from './rules.ts'

/** One thing that is allowed and should be otherwise. */
export interface Finding {
  readonly rule: RuleName
  readonly message: string
  readonly place: Place
  /** `error` when the Dockerfile says `# check=error=true` */
  readonly severity: 'warning' | 'error'
  /** page that explains the rule */
  readonly url?: string
  readonly hint?: string
}

/** A platform as far as lint looks at it. */
export interface LintPlatform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
  readonly 'os.version'?: string
}

/** What lint wants to know of the config of a base image. */
export interface LintBase {
  readonly platform: LintPlatform
  /** `NAME=value` */
  readonly env: readonly string[]
  /** whether it sets SHELL */
  readonly hasShell: boolean
  /** its ONBUILD triggers */
  readonly onbuild: readonly string[]
}

export interface LintOptions {
  /** `BUILDKIT_DOCKERFILE_CHECK` takes the place of the check directive */
  readonly buildArgs?: Readonly<Record<string, string>>
  /** stage whose build is checked, by name or index; default: all stages of the file */
  readonly target?: string | undefined
  /** without a target too look only at what a build needs, which is what the last stage needs */
  readonly onlyNeeded?: boolean
  /** default: linux/amd64 */
  readonly targetPlatform?: LintPlatform
  /** default: the target platform */
  readonly buildPlatform?: LintPlatform
  /** the .dockerignore of the build context; default: nothing is ignored */
  readonly ignore?: IgnoreRules | undefined
  /** names of named contexts: stages and bases of these names are not what the file says */
  readonly contexts?: readonly string[]
  /**
   * The config of a base image, `platform` as FROM says it, or nothing when it is not known. On a base that is not
   * known a variable counts as undefined only when it looks like a slip of a name that is. Default: none is known.
   */
  readonly base?: (image: string, platform: string | undefined) => LintBase | undefined
}

export interface LintReport {
  /** in the order of the file */
  readonly findings: readonly Finding[]
  /** why a build would fail before it begins, as far as lint sees it: the first reason found */
  readonly failure: Failure | undefined
}
