/** What is different between two layers, file by file. Pure. */
import type { Entry, FileSource, Recipe } from '../../layer/index.ts'
import type { FieldChange, LayerReason } from './change.ts'

/** Files that are listed; more would be read by nobody. */
const mostFiles = 20

export function compareRecipes(before: Recipe, now: Recipe): LayerReason[] {
  const old = new Map(before.entries.map((entry) => [entry.path, entry]))
  const reasons: LayerReason[] = []
  for (const entry of now.entries) {
    const then = old.get(entry.path)
    old.delete(entry.path)
    if (!then) reasons.push(fileReason(entry, 'added'))
    else {
      const fields = compareEntries(then, entry)
      if (fields.length > 0) reasons.push(fileReason(entry, 'changed', fields))
    }
  }
  for (const entry of old.values()) reasons.push(fileReason(entry, 'removed'))
  if (reasons.length <= mostFiles) return reasons
  return [...reasons.slice(0, mostFiles), { kind: 'more-files', count: reasons.length - mostFiles }]
}

function fileReason(
  { path, source }: Entry,
  how: 'added' | 'removed' | 'changed',
  fields: readonly FieldChange[] = [],
): LayerReason {
  return {
    kind: 'file',
    path: `/${path}`,
    ...(source?.kind === 'file' && { source: source.path }),
    how,
    fields,
  }
}

function compareEntries(then: Entry, now: Entry): FieldChange[] {
  const owner = ({ uid, gid }: Entry) => `${uid}:${gid}`
  const mode = ({ mode: bits }: Entry) => `0${bits.toString(8)}`
  return [
    ...change('type', then.type, now.type),
    ...change('mode', mode(then), mode(now)),
    ...change('owner', owner(then), owner(now)),
    ...change('link', then.link ?? '', now.link ?? ''),
    ...change('time in the image', String(then.mtime), String(now.mtime)),
    ...compareSources(then.source, now.source),
    ...(then.source || now.source ? [] : change('size', String(then.size), String(now.size))),
  ]
}

function compareSources(then: FileSource | undefined, now: FileSource | undefined): FieldChange[] {
  if (then?.kind !== 'file' || now?.kind !== 'file') {
    const text = (source: FileSource | undefined) =>
      source === undefined ? 'none' : source.kind === 'file' ? source.path : `${source.bytes.length} bytes`
    const isSame =
      then?.kind === 'bytes' && now?.kind === 'bytes' && Buffer.compare(then.bytes, now.bytes) === 0
    return isSame || then === now ? [] : [{ field: 'content', before: text(then), now: text(now) }]
  }
  const [a, b] = [then.fingerprint, now.fingerprint]
  return [
    ...change('source', then.path, now.path),
    ...change('size', String(a.size), String(b.size)),
    ...change('mtime', timeText(a.mtimeNs), timeText(b.mtimeNs)),
    ...change('ctime', timeText(a.ctimeNs), timeText(b.ctimeNs)),
    ...change('inode', String(a.ino), String(b.ino)),
    ...change('device', String(a.dev), String(b.dev)),
    ...change('mode of the file', a.mode.toString(8), b.mode.toString(8)),
  ]
}

function change(field: string, before: string, now: string): FieldChange[] {
  return before === now ? [] : [{ field, before, now }]
}

/** RFC 3339 with nanoseconds. */
function timeText(ns: bigint): string {
  const second = 1_000_000_000n
  const part = ((ns % second) + second) % second
  const whole = new Date(Number((ns - part) / 1_000_000n)).toISOString().slice(0, 19)
  return `${whole}.${String(part).padStart(9, '0')}Z`
}
