/** Where names around a circle stand without touching: pushed apart, and the smallest left out where there is no room. */
import type { Arc } from '../view/chord-layout.ts'

export interface LabelPlace {
  readonly node: number
  /** radians, clockwise from the top */
  readonly angle: number
  /** of the middle of its arc; differs from `angle` where it was pushed */
  readonly arcAngle: number
}

/**
 * `room` is the angle that one label takes. Few labels are pushed apart; of many, those of the widest arcs stand where
 * their arcs are, as far as no other is in the way.
 */
export function labelPlaces(arcs: readonly Arc[], room: number): LabelPlace[] {
  const wanted = arcs.map((arc) => ({
    node: arc.node,
    width: arc.end - arc.start,
    angle: (arc.start + arc.end) / 2,
  }))
  if (arcs.length * room > Math.PI) {
    return withRoom(wanted, room).map(({ node, angle }) => ({ node, angle, arcAngle: angle }))
  }
  const angles = wanted.map(({ angle }) => angle)
  for (let round = 0; round < 200; round++) if (!pushApart(angles, room)) break
  return wanted.map(({ node, angle }, index) => ({ node, angle: angles[index]!, arcAngle: angle }))
}

interface Wanted {
  readonly node: number
  readonly width: number
  readonly angle: number
}

function withRoom(wanted: readonly Wanted[], room: number): Wanted[] {
  const placed: Wanted[] = []
  const distance = (a: number, b: number) => Math.min(Math.abs(a - b), 2 * Math.PI - Math.abs(a - b))
  for (const label of wanted.toSorted((a, b) => b.width - a.width || a.node - b.node))
    if (placed.every(({ angle }) => distance(angle, label.angle) >= room)) placed.push(label)
  return placed.toSorted((a, b) => a.angle - b.angle)
}

function pushApart(angles: number[], room: number): boolean {
  let hasMoved = false
  for (let index = 0; index < angles.length && angles.length > 1; index++) {
    const next = (index + 1) % angles.length
    const wrap = next === 0 ? 2 * Math.PI : 0
    const lack = room - (angles[next]! + wrap - angles[index]!)
    if (lack <= 1e-4) continue
    angles[index]! -= lack / 2
    angles[next]! += lack / 2
    hasMoved = true
  }
  return hasMoved
}
