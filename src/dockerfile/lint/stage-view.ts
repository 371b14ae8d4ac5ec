/** What the rules about instructions see: the instruction with its variables replaced, and the stage so far. */
import type { IgnoreRules } from '../ignore.ts'
import type { StageInstruction, Word } from '../instruction.ts'

export interface StageView {
  /** operating system of the stage */
  readonly os: string
  readonly ignore: IgnoreRules | undefined
  /** a word of the instruction at hand with its variables replaced */
  text(word: Word): string
  /** the same, cut into words */
  words(word: Word): readonly string[]
  /** whether a SHELL is in force that the base image or the file set */
  readonly hasShell: boolean
  /** whether the file has a WORKDIR before */
  readonly hasWorkdir: boolean
  /** the latest instruction of its kind in the stage itself */
  readonly earlier: Map<StageInstruction['keyword'], StageInstruction>
}
