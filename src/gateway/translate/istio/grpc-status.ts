const names = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
]

/** Number of a gRPC status by its name or its number (grpc "Status codes"). */
export function grpcStatus(text: string): number | undefined {
  const number = /^\d+$/.test(text) ? Number(text) : names.indexOf(text.toUpperCase())
  return number >= 0 && number < names.length ? number : undefined
}
