/** Numbers and truth. */
import { ArgumentError } from '../function.ts'
import { decimal } from '../operators.ts'
import { equal, type Value } from '../value.ts'
import { bool, define, num, some, value, type FunctionTable } from './define.ts'

const one = (call: (a: number) => Value) => define<[number]>([num('num')], call)
const two = (call: (a: number, b: number) => Value) => define<[number, number]>([num('a'), num('b')], call)

export const numberFunctions: FunctionTable = {
  absolute: one(Math.abs),
  add: two((a, b) => decimal(a + b)),
  subtract: two((a, b) => decimal(a - b)),
  multiply: two((a, b) => decimal(a * b)),
  divide: two((a, b) => decimal(divided(a, b))),
  modulo: two((a, b) => (divided(a, b), a % b)),
  negate: one((a) => -a),
  ceil: one(Math.ceil),
  floor: one(Math.floor),
  int: one(Math.trunc),
  signum: one(Math.sign),
  pow: two((a, b) => a ** b),
  log: two((a, b) => Math.log(a) / Math.log(b)),
  min: define<number[]>([num('number')], Math.min, num('numbers')),
  max: define<number[]>([num('number')], Math.max, num('numbers')),
  greaterthan: two((a, b) => a > b),
  greaterthanorequalto: two((a, b) => a >= b),
  lessthan: two((a, b) => a < b),
  lessthanorequalto: two((a, b) => a <= b),
  parseint: define<[Value, number]>([some('number'), num('base')], parseInteger),
  and: define<[boolean, boolean]>([bool('a'), bool('b')], (a, b) => a && b),
  or: define<[boolean, boolean]>([bool('a'), bool('b')], (a, b) => a || b),
  not: define<[boolean]>([bool('val')], (a) => !a),
  equal: define<[Value, Value]>([value('a'), value('b')], equal),
  notequal: define<[Value, Value]>([value('a'), value('b')], (a, b) => !equal(a, b)),
}

function divided(a: number, b: number): number {
  if (b === 0) throw new ArgumentError('division by zero', 1)
  return a / b
}

function parseInteger(written: Value, base: number): number {
  if (typeof written !== 'string') throw new ArgumentError('"number" must be a text', 0)
  if (!Number.isInteger(base) || base < 2 || base > 36)
    throw new ArgumentError('"base" must be from 2 to 36', 1)
  const digits = written.replace(/^[+-]/, '').toLowerCase()
  const isWhole = Array.from(digits).every((digit) => Number.parseInt(digit, 36) < base)
  if (digits === '' || !isWhole) throw new ArgumentError(`"${written}" is no number of base ${base}`, 0)
  return Number.parseInt(written, base)
}
