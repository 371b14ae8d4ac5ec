/** The places an image can go to, as data: what flags and plans ask for before anything is opened. */
import type { Codec } from '../layer/index.ts'

export type Output =
  | ({ readonly kind: 'registry' } & Packed)
  | ({ readonly kind: 'layout'; readonly folder: string } & Packed)
  /** an OCI layout, or one that `docker load` of any age reads too, as one tar */
  | ({ readonly kind: 'archive'; readonly format: 'oci' | 'docker'; readonly path: string } & Packed)
  /** a Docker daemon: of a context of the Docker CLI, default the one in use */
  | { readonly kind: 'docker'; readonly context?: string | undefined }
  | { readonly kind: 'podman' }
  /** default namespace: that of CONTAINERD_NAMESPACE, else `default` */
  | { readonly kind: 'containerd'; readonly namespace?: string | undefined }
  /** default cluster: that of KIND_CLUSTER_NAME, else `kind` */
  | { readonly kind: 'kind'; readonly cluster?: string | undefined }
  /** the file system of the image as a folder */
  | { readonly kind: 'local'; readonly folder: string }
  /** the file system of the image as one tar */
  | { readonly kind: 'tar'; readonly path: string }
  /** served from this process by the embedded registry, from the sources unless there is a folder to keep bytes in */
  | {
      readonly kind: 'serve'
      readonly host: string
      readonly port: number
      readonly pinned?: string | undefined
    }
  /** built, checked and counted, and sent nowhere */
  | { readonly kind: 'none' }

/** An output that keeps layers as they come. */
interface Packed {
  /** default: that of the run, or what suits the place */
  readonly codec?: Codec
}

export type OutputKind = Output['kind']

/** A path that stands for the standard output. */
export const standardOutput = '-'

/** Where files of an output are written, or nothing for what writes none itself. */
export function pathOf(output: Output): string | undefined {
  if ('folder' in output) return output.folder
  return 'path' in output ? output.path : undefined
}

/** Whether an archive goes to the standard output, so that nothing else may. */
export function takesStandardOutput(outputs: readonly Output[]): boolean {
  return outputs.some((output) => pathOf(output) === standardOutput)
}
