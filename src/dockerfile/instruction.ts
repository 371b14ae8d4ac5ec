/**
 * The instructions of a Dockerfile as data, before any variable is expanded
 * (https://docs.docker.com/reference/dockerfile/).
 */
import type { Place } from '../base/index.ts'

/** The character that escapes others and continues lines. */
export type Escape = '\\' | '`'

/** A piece of an instruction as written: quotes, escapes and variables still inside. */
export interface Word {
  readonly text: string
  /** where it begins; a word that goes on over several lines ends with its first line here */
  readonly place: Place
}

/** A parser directive: a comment of the form `# name=value` at the very top of the file. */
export interface Directive {
  readonly name: 'syntax' | 'escape' | 'check'
  readonly value: string
  readonly place: Place
}

/** Something BuildKit accepts in silence or warns of. The parse succeeded. */
export interface Warning {
  readonly rule:
    | 'NoEmptyContinuation'
    | 'JsonFormNotParsed'
    | 'FlagIgnored'
    | 'ReservedStageName'
    | 'OnbuildUnknownInstruction'
  readonly message: string
  readonly place: Place
  readonly hint?: string
}

export interface Dockerfile {
  /** path as given to the parser */
  readonly file: string
  /** from the `escape` directive; default: a backslash */
  readonly escape: Escape
  readonly directives: readonly Directive[]
  /** at least one, in the order of the file */
  readonly instructions: readonly Instruction[]
  readonly warnings: readonly Warning[]
}

interface InstructionBase<K extends string> {
  /** in upper case, however it was written */
  readonly keyword: K
  /** of the keyword */
  readonly place: Place
  /** last line of the instruction with its continuations and here-documents, 1-based */
  readonly endLine: number
  /** the source as one line: continuations joined, comments dropped, trimmed, here-document bodies left out */
  readonly original: string
  /** texts of the comment lines directly above */
  readonly comments: readonly string[]
}

/** The body of `<<NAME`. */
export interface Heredoc {
  /** the delimiter without quotes; for COPY and ADD the file's name */
  readonly name: string
  /** final text: with `<<-` the leading tabs of its lines are gone already; line ends as in the file */
  readonly content: string
  /** whether variables in it are expanded: no part of the delimiter was quoted */
  readonly expand: boolean
  /** of `<<NAME` */
  readonly place: Place
}

export interface Pair {
  readonly name: Word
  readonly value: Word
}

/** The command of RUN, CMD, ENTRYPOINT and HEALTHCHECK. */
export interface CommandForm {
  /** the exec form; undefined for the shell form */
  readonly exec: readonly string[] | undefined
  /** the shell form as one string; empty for the exec form and when nothing was given */
  readonly shell: string
}

export interface FromInstruction extends InstructionBase<'FROM'> {
  readonly image: Word
  /** value of `--platform`, not empty */
  readonly platform?: Word
  /** in lower case */
  readonly name?: string
  /** the stage name as written */
  readonly nameWord?: Word
}

export interface ArgInstruction extends InstructionBase<'ARG'> {
  readonly pairs: readonly { readonly name: Word; readonly value?: Word }[]
}

export interface EnvInstruction extends InstructionBase<'ENV'> {
  readonly pairs: readonly Pair[]
  /** written as `ENV name value` */
  readonly legacyForm: boolean
}

export interface LabelInstruction extends InstructionBase<'LABEL'> {
  readonly pairs: readonly Pair[]
  /** written as `LABEL name value` */
  readonly legacyForm: boolean
}

/** What COPY and ADD have in common. */
export interface SourcesAndDestination {
  /** files, folders, patterns, addresses; without the here-documents */
  readonly sources: readonly Word[]
  readonly heredocs: readonly Heredoc[]
  readonly destination: Word
  /** written as a JSON array */
  readonly jsonForm: boolean
  readonly chown?: Word
  readonly chmod?: Word
  readonly link: boolean
  readonly exclude: readonly Word[]
}

export interface CopyInstruction extends InstructionBase<'COPY'>, SourcesAndDestination {
  /** value of `--from`, not empty */
  readonly from?: Word
  readonly parents: boolean
}

export interface AddInstruction extends InstructionBase<'ADD'>, SourcesAndDestination {
  readonly checksum?: Word
  /** undefined: not said */
  readonly unpack?: boolean
  /** undefined: not said */
  readonly keepGitDir?: boolean
}

export interface RunInstruction extends InstructionBase<'RUN'>, CommandForm {
  readonly heredocs: readonly Heredoc[]
  readonly mounts: readonly Word[]
  readonly devices: readonly Word[]
  readonly network?: Word
  readonly security?: Word
}

export interface CmdInstruction extends InstructionBase<'CMD'>, CommandForm {}

export interface EntrypointInstruction extends InstructionBase<'ENTRYPOINT'>, CommandForm {}

export interface ShellInstruction extends InstructionBase<'SHELL'> {
  /** not empty */
  readonly exec: readonly string[]
}

export interface WorkdirInstruction extends InstructionBase<'WORKDIR'> {
  readonly path: Word
}

export interface UserInstruction extends InstructionBase<'USER'> {
  readonly user: Word
}

export interface ExposeInstruction extends InstructionBase<'EXPOSE'> {
  /** not empty, in the byte order of the unexpanded words (as BuildKit evaluates them) */
  readonly ports: readonly Word[]
}

export interface VolumeInstruction extends InstructionBase<'VOLUME'> {
  /** not empty, trimmed, no word empty */
  readonly volumes: readonly Word[]
}

export interface StopsignalInstruction extends InstructionBase<'STOPSIGNAL'> {
  readonly signal: Word
}

export interface HealthcheckInstruction extends InstructionBase<'HEALTHCHECK'>, CommandForm {
  readonly kind: 'NONE' | 'CMD'
  /** nanoseconds; 0 when not given */
  readonly interval: number
  /** nanoseconds; 0 when not given */
  readonly timeout: number
  /** nanoseconds; 0 when not given */
  readonly startPeriod: number
  /** nanoseconds; 0 when not given */
  readonly startInterval: number
  /** 0 when not given */
  readonly retries: number
}

export interface OnbuildInstruction extends InstructionBase<'ONBUILD'> {
  /** what goes into the image config: the text after ONBUILD, with here-document bodies on further lines */
  readonly trigger: string
  /** keyword of the trigger in upper case; may be one that does not exist */
  readonly triggerKeyword: string
}

export interface MaintainerInstruction extends InstructionBase<'MAINTAINER'> {
  readonly maintainer: Word
}

/** An instruction that can stand inside a stage. */
export type StageInstruction =
  | ArgInstruction
  | EnvInstruction
  | LabelInstruction
  | CopyInstruction
  | AddInstruction
  | RunInstruction
  | CmdInstruction
  | EntrypointInstruction
  | ShellInstruction
  | WorkdirInstruction
  | UserInstruction
  | ExposeInstruction
  | VolumeInstruction
  | StopsignalInstruction
  | HealthcheckInstruction
  | OnbuildInstruction
  | MaintainerInstruction

export type Instruction = FromInstruction | StageInstruction

export type Keyword = Instruction['keyword']
