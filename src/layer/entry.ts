/** One member of a layer: what its tar header says and where its bytes are (image-spec layer.md, "File Types"). */
import type { Fingerprint } from './fingerprint.ts'

export type EntryType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'character' | 'block' | 'fifo'

/** Where the bytes of a file are: in a file of the host, which must still have its fingerprint when it is read, or here. */
export type FileSource =
  | {
      readonly kind: 'file'
      /** host path, a pathname string: open it with `fsPath` */
      readonly path: string
      readonly fingerprint: Fingerprint
    }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }

export interface Entry {
  /**
   * Path in the image, a pathname string. Canonical: no leading or trailing "/", no empty, "." or ".." parts.
   * '' is the root directory itself; list it only when its attributes are meant to change.
   */
  readonly path: string
  readonly type: EntryType
  /** permission bits, 0 to 0o7777; a symlink is always written as 0o777 */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** whole seconds since the epoch, may be negative */
  readonly mtime: number
  /** bytes of content; 0 for everything but files */
  readonly size: number
  /** symlink: the target, verbatim; hardlink: the canonical path of an entry of the same layer */
  readonly link?: string
  /** files with `size` > 0: where the bytes are */
  readonly source?: FileSource
  /** extended attributes by name, such as `security.capability`; PAX `SCHILY.xattr.*` */
  readonly xattrs?: Readonly<Record<string, Uint8Array>>
  /** character and block devices only */
  readonly device?: { readonly major: number; readonly minor: number }
}
