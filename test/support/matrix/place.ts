/** Places an image can go to, as the matrix of destinations sees them: what sends it there, and who reads it back. */

export const compressions = ['none', 'gzip', 'zstd'] as const

export type Compression = (typeof compressions)[number]

export const images = ['one', 'two'] as const

export type ImageName = (typeof images)[number]

/** One place, filled in one compression. */
export interface Place {
  /** flags of a run that brings images there */
  readonly flags: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** how `--metadata-file` calls it */
  readonly destination: string
  /** whether an event of this destination is about it */
  readonly isOwn: (destination: string) => boolean
  readonly referenceOf: (image: ImageName) => string
  /** which digest the place goes by: that of the index, or of what it has of one platform */
  readonly identity: 'index' | 'config'
  /** that digest, as another program tells it */
  readonly digestOf: (image: ImageName) => Promise<string>
  /** fails unless another program finds every blob to be what it should be */
  readonly validate?: (image: ImageName) => Promise<void>
  /** an image of it by the name skopeo has for it; `scratch` is a folder to export to */
  readonly sourceOf: (image: ImageName, scratch: string) => Promise<string>
  /** for skopeo */
  readonly readEnv?: Readonly<Record<string, string>>
  /** a file that every run writes as a whole; other places are sent only what they lack */
  readonly file?: string
}

/** What places are made with. */
export interface MatrixContext {
  /** folder for whatever places keep */
  readonly folder: string
  /** HOME of the runs */
  readonly home: string
  /** registry whose names images have in places that are no registries */
  readonly hub: string
}

export interface Row {
  readonly name: string
  /** for the `skip` option of a test */
  readonly skip: string | false
  readonly compressions: readonly Compression[]
  readonly start: (context: MatrixContext) => Promise<RunningRow>
}

export interface RunningRow {
  readonly place: (compression: Compression) => Place
  /** of daemons: has it load an archive of Docker's, and gives what it then has under a name, as `Place.sourceOf` does */
  readonly load?: (archive: string, reference: string, scratch: string) => Promise<string>
  readonly close: () => Promise<void>
}

export function referenceAt(hub: string, compression: Compression, image: ImageName): string {
  return `${hub}/${compression}/${image}:1`
}
