/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util'

/** In the order they run. */
export const caseNames = ['demo', 'hubs', 'codecs', 'destinations', 'thousand', 'ko'] as const
export type CaseName = (typeof caseNames)[number]

export const peerNames = ['buildkit', 'bake', 'docker', 'buildah', 'crane', 'crane-style'] as const
export type PeerName = (typeof peerNames)[number]

export interface BenchOptions {
  readonly cases: readonly CaseName[]
  readonly peers: readonly PeerName[]
  /** each subject does each case so often; slow peers less often */
  readonly rounds: number
  /** one round, small plans, and no peers but those named */
  readonly isQuick: boolean
}

/** @throws Error for what is not known */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string' },
      peers: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean', default: false },
    },
  })
  const isQuick = values.quick
  const rounds = Number(values.rounds ?? (isQuick ? 1 : 5))
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds must be a number from 1 on, got "${values.rounds}"`)
  return {
    cases: choose('--only', values.only, caseNames, caseNames),
    peers: choose('--peers', values.peers, peerNames, isQuick ? [] : peerNames),
    rounds,
    isQuick,
  }
}

function choose<Name extends string>(
  flag: string,
  text: string | undefined,
  names: readonly Name[],
  otherwise: readonly Name[],
): readonly Name[] {
  if (text === undefined) return otherwise
  const asked = text.split(',').filter((name) => name !== '' && name !== 'none')
  const unknown = asked.find((name) => !(names as readonly string[]).includes(name))
  if (unknown !== undefined) throw new Error(`${flag} knows ${names.join(', ')}, not "${unknown}"`)
  return names.filter((name) => asked.includes(name))
}
