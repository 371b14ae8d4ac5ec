/** The functions every bake file can call: those of buildx (docs/bake-stdlib.md there). */
import { ArgumentError, type HclFunction } from '../function.ts'
import { collectionFunctions } from './collections.ts'
import { define, value, type FunctionTable } from './define.ts'
import { encodingFunctions } from './encodings.ts'
import { formatFunctions } from './format.ts'
import { lazyFunctions } from './lazy.ts'
import { numberFunctions } from './numbers.ts'
import { versionFunctions } from './semver.ts'
import { textFunctions } from './texts.ts'
import { timeFunctions } from './times.ts'

export interface StandardOptions {
  /** milliseconds since the epoch */
  readonly now: () => number
  readonly home: string
}

/** Functions of buildx that are refused by name: nothing an image is made of needs them. */
const refused: Readonly<Record<string, string>> = {
  bcrypt: 'its result is another one each time',
  rsadecrypt: 'keep secrets out of the plan',
  byteslen: 'no value of a bake file is bytes',
  bytesslice: 'no value of a bake file is bytes',
  cidrhost: 'compute addresses outside and give them as variables',
  cidrnetmask: 'compute addresses outside and give them as variables',
  cidrsubnet: 'compute addresses outside and give them as variables',
  cidrsubnets: 'compute addresses outside and give them as variables',
}

export function standardFunctions({ now, home }: StandardOptions): ReadonlyMap<string, HclFunction> {
  const tables: FunctionTable[] = [
    numberFunctions,
    textFunctions,
    collectionFunctions,
    encodingFunctions,
    formatFunctions,
    versionFunctions,
    timeFunctions(now),
    { homedir: define([], () => home) },
  ]
  const functions = new Map(tables.flatMap((table) => Object.entries(table)))
  for (const [name, why] of Object.entries(refused)) functions.set(name, refusedFunction(why))
  return functions
}

function refusedFunction(why: string): HclFunction {
  return define(
    [],
    () => {
      throw new ArgumentError(`Slipway does not have it; ${why}`)
    },
    value('args'),
  )
}

/** Names of all functions, with whether they can be called. */
export function standardFunctionNames(): ReadonlyMap<string, boolean> {
  const functions = standardFunctions({ now: () => 0, home: '' })
  const names = [...functions.keys(), ...lazyFunctions.keys()].toSorted()
  return new Map(names.map((name) => [name, !Object.hasOwn(refused, name)] as const))
}
