/**
 * The part of containerd's API (packages `containerd.services.*.v1`) that bringing images takes. On the wire only field
 * numbers count, so fields nobody here reads or sets are left out.
 */
import protobuf from 'protobufjs/light.js'

export interface Lease {
  readonly id: string
  readonly labels?: Labels
}

export interface WriteRequest {
  readonly action: (typeof writeAction)[keyof typeof writeAction]
  /** names the ingest; must be in the first request of a stream */
  readonly ref?: string
  /** bytes; in the first request */
  readonly total?: number
  /** digest; in the first request */
  readonly expected?: string
  readonly offset?: number
  readonly data?: Uint8Array
  /** of the content, with the last request */
  readonly labels?: Labels
}

export interface WriteResponse {
  /** bytes the daemon has of this ingest */
  readonly offset: number
}

export type Labels = Readonly<Record<string, string>>

export interface ContentInfo {
  readonly digest: string
  readonly labels: Labels
}

export interface ImageRecord {
  readonly name: string
  readonly target: { readonly mediaType: string; readonly digest: string; readonly size: number }
}

export const writeAction = { stat: 0, write: 1, commit: 2 } as const

const string = (id: number) => ({ type: 'string', id })
const int64 = (id: number) => ({ type: 'int64', id })
const labels = (id: number) => ({ keyType: 'string', type: 'string', id })

const root = protobuf.Root.fromJSON({
  nested: {
    Empty: { fields: {} },
    FieldMask: { fields: { paths: { rule: 'repeated', ...string(1) } } },
    VersionResponse: { fields: { version: string(1), revision: string(2) } },
    Namespace: { fields: { name: string(1) } },
    ListNamespacesResponse: { fields: { namespaces: { rule: 'repeated', type: 'Namespace', id: 1 } } },
    Lease: { fields: { id: string(1), labels: labels(3) } },
    DeleteLeaseRequest: { fields: { id: string(1), sync: { type: 'bool', id: 2 } } },
    WriteRequest: {
      fields: {
        action: { type: 'int32', id: 1 },
        ref: string(2),
        total: int64(3),
        expected: string(4),
        offset: int64(5),
        data: { type: 'bytes', id: 6 },
        labels: labels(7),
      },
    },
    WriteResponse: { fields: { offset: int64(4) } },
    ContentInfo: { fields: { digest: string(1), labels: labels(5) } },
    UpdateContentRequest: {
      fields: { info: { type: 'ContentInfo', id: 1 }, updateMask: { type: 'FieldMask', id: 2 } },
    },
    Descriptor: { fields: { mediaType: string(1), digest: string(2), size: int64(3) } },
    ImageRecord: { fields: { name: string(1), target: { type: 'Descriptor', id: 3 } } },
    CreateImageRequest: { fields: { image: { type: 'ImageRecord', id: 1 } } },
    UpdateImageRequest: {
      fields: { image: { type: 'ImageRecord', id: 1 }, updateMask: { type: 'FieldMask', id: 2 } },
    },
  },
})

/** One method of the API; `Request` and `Response` are told to the compiler only. */
export interface Method<Request, Response> {
  readonly path: string
  readonly encode: (request: Request) => Buffer
  readonly decode: (bytes: Buffer) => Response
}

interface Masked {
  readonly updateMask: { readonly paths: readonly string[] }
}

export const methods = {
  version: method<object, { version: string }>('version.v1.Version/Version', 'Empty', 'VersionResponse'),
  listNamespaces: method<object, { namespaces?: { name: string }[] }>(
    'namespaces.v1.Namespaces/List',
    'Empty',
    'ListNamespacesResponse',
  ),
  createLease: method<Lease, object>('leases.v1.Leases/Create', 'Lease', 'Empty'),
  deleteLease: method<{ id: string; sync: boolean }, object>(
    'leases.v1.Leases/Delete',
    'DeleteLeaseRequest',
    'Empty',
  ),
  write: method<WriteRequest, WriteResponse>('content.v1.Content/Write', 'WriteRequest', 'WriteResponse'),
  updateContent: method<{ info: ContentInfo } & Masked, object>(
    'content.v1.Content/Update',
    'UpdateContentRequest',
    'Empty',
  ),
  createImage: method<{ image: ImageRecord }, object>(
    'images.v1.Images/Create',
    'CreateImageRequest',
    'Empty',
  ),
  updateImage: method<{ image: ImageRecord } & Masked, object>(
    'images.v1.Images/Update',
    'UpdateImageRequest',
    'Empty',
  ),
}

function method<Request extends object, Response>(
  name: string,
  request: string,
  response: string,
): Method<Request, Response> {
  const requestType = root.lookupType(request)
  const responseType = root.lookupType(response)
  return {
    path: `/containerd.services.${name}`,
    // Under Node.js the writer's bytes are a Buffer.
    encode: (message) => requestType.encode(requestType.fromObject(message)).finish() as Buffer,
    decode: (bytes) =>
      responseType.toObject(responseType.decode(bytes), { longs: Number, defaults: true }) as Response,
  }
}
