/** Why something is new, as data. Part of the `--progress=json` contract: fields and kinds are only added. */

/** One field of what is known of a file that is another than before. */
export interface FieldChange {
  /** `size`, `mtime`, `ctime`, `inode`, `device`, `mode`, `source`, `owner`, `type`, `link` or `content` */
  readonly field: string
  readonly before: string
  readonly now: string
}

/** Why a layer is another one than before, or was hashed again. */
export type LayerReason =
  | {
      readonly kind: 'file'
      /** in the image, with a leading "/" */
      readonly path: string
      /** on the host; absent for what has no file */
      readonly source?: string
      readonly how: 'added' | 'removed' | 'changed'
      /** of a changed one */
      readonly fields: readonly FieldChange[]
    }
  /** more files than are listed */
  | { readonly kind: 'more-files'; readonly count: number }
  /** no instruction made this layer before */
  | { readonly kind: 'new-instruction' }
  /** files were written in the moment of the last run, so what it found was not remembered */
  | { readonly kind: 'written-moments-before' }
  /** `--no-cache` */
  | { readonly kind: 'no-cache' }
  /** the layer is as before, and what was known of it is gone from the cache */
  | { readonly kind: 'forgotten' }

/** What is different about a build as a whole. */
export type BuildChange =
  | {
      readonly kind: 'first-build'
      /** when the cache was last pruned, RFC 3339 */
      readonly prunedAt?: string | undefined
    }
  | { readonly kind: 'program'; readonly before: string; readonly now: string }
  | { readonly kind: 'argument'; readonly name: string; readonly how: 'added' | 'removed' | 'changed' }
  | {
      readonly kind: 'dockerfile'
      readonly file: string
      /** the first one that is another, from 1 */
      readonly line: number
      readonly before: string
      readonly now: string
    }
  | { readonly kind: 'ignore-rules'; readonly file: string; readonly how: 'added' | 'removed' | 'changed' }
  | { readonly kind: 'base'; readonly name: string; readonly before: string; readonly now: string }
  /** a variable or label of the image */
  | {
      readonly kind: 'env' | 'label'
      readonly name: string
      readonly before?: string | undefined
      readonly now?: string | undefined
    }
  | { readonly kind: 'stage'; readonly before: string; readonly now: string }

export interface ExplainedLayer {
  readonly digest: string
  /** what it was at the same instruction before */
  readonly before?: string | undefined
  readonly state: 'known' | 'hashed'
  /** such as `COPY app /usr/bin/app` */
  readonly instruction: string
  readonly file?: string | undefined
  /** of the instruction, from 1 */
  readonly line?: number | undefined
  readonly reasons: readonly LayerReason[]
}
