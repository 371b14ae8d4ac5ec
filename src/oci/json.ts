/**
 * The one way we write JSON documents that get a digest: UTF-8, no white space, keys in the order given,
 * fields that are `undefined` left out. The digest is of exactly these bytes.
 */
import { bytesBlob, type Blob } from './content.ts'

export function encodeJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value), 'utf8')
}

export function jsonBlob(mediaType: string, value: unknown): Blob {
  return bytesBlob(mediaType, encodeJson(value))
}

/** A copy of a record with its keys in byte order. */
export function sortKeys<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}
