/** What `--explain` prints: a block for each build that is new, a line for those that are not. */
import { relative } from 'node:path'
import { styleText } from 'node:util'
import type { BuildChange, ExplainedLayer, FieldChange, LayerReason } from '../../build/index.ts'
import { shortDigest, type Digest } from '../../oci/index.ts'
import type { TimedEvent } from '../insight.ts'
import type { RunResult } from '../run.ts'
import { printable } from './failure.ts'
import { describeBuild } from './plain.ts'
import { plural } from './units.ts'

export function explainLines(
  events: readonly TimedEvent[],
  { deliveries }: Pick<RunResult, 'deliveries'>,
  stream: NodeJS.WriteStream,
): string[] {
  const sent = sentTo(deliveries)
  const told = new Map<string, string>()
  const lines: string[] = []
  const unchanged: string[] = []
  for (const { event } of events) {
    if (event.kind !== 'explained') continue
    const name = describeBuild(event.build)
    if (event.changes.length === 0 && event.layers.length === 0) {
      unchanged.push(name)
      continue
    }
    const since =
      event.since === undefined
        ? ''
        : `, against its build of ${event.since.slice(0, 19).replace('T', ' ')} UTC`
    lines.push(`${styleText('bold', name, { stream })}${since}`)
    lines.push(...event.changes.map((change) => `  ${describeChange(change)}`))
    for (const layer of event.layers) {
      const where = sent.get(layer.digest)
      lines.push(`  ${describeLayer(layer, where)}`)
      // The same layer of another image is told once.
      const first = told.get(layer.digest)
      if (first === undefined) lines.push(...layer.reasons.map((reason) => `    ${describeReason(reason)}`))
      else if (layer.reasons.length > 0) lines.push(`    as in ${first}`)
      if (first === undefined) told.set(layer.digest, name)
    }
  }
  if (unchanged.length > 0) lines.push(`unchanged: ${unchanged.join(', ')}`)
  const others = [...sent].filter(([digest]) => !told.has(digest))
  for (const [digest, places] of others)
    lines.push(
      `sent and not new: layer ${shortDigest(digest as Digest)}, which ${places.join(', ')} did not have`,
    )
  return lines
}

/** Names of destinations that received a layer, by diff id. */
export function sentTo(deliveries: RunResult['deliveries']): Map<string, string[]> {
  const sent = new Map<string, string[]>()
  for (const { destination, image, added } of deliveries) {
    for (const { blob, diffId } of image.platforms.flatMap(({ layers }) => layers)) {
      const places = sent.get(diffId) ?? []
      if (!added.has(blob.descriptor.digest) || places.includes(destination.name)) continue
      sent.set(diffId, [...places, destination.name])
    }
  }
  return sent
}

function describeLayer(layer: ExplainedLayer, sent: readonly string[] | undefined): string {
  const place = layer.line === undefined ? '' : `:${layer.line} `
  const state = layer.state === 'hashed' ? 'hashed' : 'not hashed'
  const where = sent ? `, sent to ${sent.join(' and ')}` : ''
  return `${place}${printable(layer.instruction)}  ${shortDigest(layer.digest as Digest)}: ${state}${where}`
}

export function describeChange(change: BuildChange): string {
  switch (change.kind) {
    case 'first-build':
      return change.prunedAt === undefined
        ? 'never built before with this cache'
        : `not known: never built before, or forgotten when the cache was pruned (${change.prunedAt})`
    case 'program':
      return `slipway itself is another one: ${change.before} -> ${change.now}`
    case 'argument':
      return `build argument ${change.name} ${change.how}`
    case 'dockerfile':
      return `${shown(change.file)}:${change.line} changed: "${printable(change.before)}" -> "${printable(change.now)}"`
    case 'ignore-rules':
      return `${shown(change.file)} ${change.how}`
    case 'base':
      return `base ${change.name} moved: ${shortDigest(change.before as Digest)} -> ${shortDigest(change.now as Digest)}`
    case 'env':
    case 'label':
      return `${change.kind === 'env' ? 'ENV' : 'label'} ${change.name}: ${quoted(change.before)} -> ${quoted(change.now)}`
    case 'stage':
      return `target stage: ${change.before || 'the last'} -> ${change.now || 'the last'}`
  }
}

export function describeReason(reason: LayerReason): string {
  switch (reason.kind) {
    case 'file':
      return `${reason.source ? shown(reason.source) : printable(reason.path)}: ${describeFields(reason)}`
    case 'more-files':
      return `and ${plural(reason.count, 'file')} more`
    case 'new-instruction':
      return 'no layer was made by this instruction before'
    case 'written-moments-before':
      return 'its files were written moments before the last run, which therefore remembered nothing of them'
    case 'no-cache':
      return '--no-cache asked for it'
    case 'forgotten':
      return 'the cache no longer knows it'
  }
}

function describeFields({ how, fields, path, source }: LayerReason & { kind: 'file' }): string {
  const inImage = source === undefined ? '' : ` (${printable(path)})`
  if (how !== 'changed') return `${how}${inImage}`
  const names = new Set(fields.map(({ field }) => field))
  // A change of content always moves the times; alone they are worth a word.
  const isOnlyTouched = ![...names].some((name) => !['mtime', 'ctime'].includes(name))
  const told = fields.filter(({ field }) => isOnlyTouched || field !== 'ctime')
  const only =
    names.size === 1 && names.has('ctime')
      ? 'only ctime changed, by a rename, chmod, link or a write with restored times: '
      : ''
  return `${only}${told.map(describeField).join(', ')}${inImage}`
}

function describeField({ field, before, now }: FieldChange): string {
  const [a, b] = ['mtime', 'ctime'].includes(field) ? shortTimes(before, now) : [before, now]
  return `${field} ${printable(a)} -> ${printable(b)}`
}

/** Without what both have in common: the day, if it is the same. */
function shortTimes(before: string, now: string): [string, string] {
  const cut = (text: string) => text.replace(/(\.\d{3})\d{6}Z$/, '$1')
  const [a, b] = before.slice(0, 23) === now.slice(0, 23) ? [before, now] : [cut(before), cut(now)]
  return a.slice(0, 10) === b.slice(0, 10) ? [a.slice(11), b.slice(11)] : [a, b]
}

function quoted(text: string | undefined): string {
  return text === undefined ? 'unset' : `"${printable(text)}"`
}

function shown(path: string): string {
  const near = relative(process.cwd(), path)
  return printable(near.startsWith('..') || near === '' ? path : near)
}
