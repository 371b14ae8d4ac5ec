/** The schema of Envoy Gateway's `Backend` (gateway.envoyproxy.io/v1alpha1), in the shape of the compiled ones. */
import type { SchemaClass } from '../kind.ts'

interface SchemaError {
  readonly instancePath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
}

type Value = Readonly<Record<string, unknown>>
type Check = (value: unknown, at: string) => readonly SchemaError[]

const text: Check = (value, at) => (typeof value === 'string' ? [] : [wrongType(at, 'string')])
const port: Check = (value, at) => {
  if (!Number.isInteger(value)) return [wrongType(at, 'integer')]
  const [comparison, limit] = Number(value) < 1 ? ['>=', 1] : ['<=', 65_535]
  const isWithin = Number(value) >= 1 && Number(value) <= 65_535
  return isWithin ? [] : [{ instancePath: at, keyword: 'maximum', params: { comparison, limit } }]
}
const list =
  (item: Check): Check =>
  (value, at) =>
    Array.isArray(value)
      ? value.flatMap((each, index) => item(each, `${at}/${index}`))
      : [wrongType(at, 'array')]

/** `!` behind a name: it must be there. */
const record =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [wrongType(at, 'object')]
    return Object.entries(fields).flatMap(([field, check]) => {
      const name = field.replace('!', '')
      const found = (value as Value)[name]
      if (found !== undefined) return check(found, `${at}/${name}`)
      return field === name
        ? []
        : [{ instancePath: at, keyword: 'required', params: { missingProperty: name } }]
    })
  }

const endpoint = record({
  fqdn: record({ 'hostname!': text, 'port!': port }),
  ip: record({ 'address!': text, 'port!': port }),
  unix: record({ 'path!': text }),
  zone: text,
})

const forms = ['fqdn', 'ip', 'unix']

const endpointWithOneForm: Check = (value, at) => {
  const errors = endpoint(value, at)
  const isOne = forms.filter((form) => (value as Value | null)?.[form] !== undefined).length === 1
  return errors.length > 0 || isOne ? errors : [{ instancePath: at, keyword: 'oneOf', params: {} }]
}

const backend = record({
  'apiVersion!': text,
  'kind!': text,
  'metadata!': () => [],
  'spec!': record({ type: text, 'endpoints!': list(endpointWithOneForm), appProtocols: list(text) }),
})

export const envoyBackendSchema: SchemaClass = {
  prototype: {
    validate(this: unknown) {
      const errors = backend(this, '')
      if (errors.length > 0) throw Object.assign(new Error('invalid'), { errors })
    },
  },
}

function wrongType(instancePath: string, type: string): SchemaError {
  return { instancePath, keyword: 'type', params: { type } }
}
