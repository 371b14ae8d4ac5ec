/** Kinds that Kubernetes brings, as `scripts/kube-schema.ts` took them from its OpenAPI document. */
import type { Kind } from '../object.ts'
import { anyShape, type Shape, type StructShape } from './shape.ts'

export interface KindSchema {
  /** plural in addresses: `deployments` */
  readonly resource: string
  readonly isNamespaced: boolean
  readonly shape: Shape
}

export interface KubeSchema {
  /** of Kubernetes, such as `v1.37.2` */
  readonly version: string
  /** nothing for kinds of custom resources, and versions that are no longer served */
  readonly find: (kind: Kind) => KindSchema | undefined
  readonly kinds: readonly Kind[]
}

type Packed = number | string | readonly [string, Packed, ...string[]]

interface PackedStruct {
  readonly fields: Readonly<Record<string, Packed>>
  readonly required?: readonly string[]
  readonly defaults?: Readonly<Record<string, unknown>>
  readonly atomic?: boolean
}

interface PackedSchema {
  readonly version: string
  readonly kinds: Readonly<
    Record<string, { readonly resource: string; readonly namespaced: boolean; readonly type: number }>
  >
  readonly types: readonly PackedStruct[]
}

let loaded: Promise<KubeSchema> | undefined

/** Read once, on first use. */
export function loadKubeSchema(): Promise<KubeSchema> {
  loaded ??= import('./kubernetes.json', { with: { type: 'json' } }).then((module) =>
    unpack(module.default as unknown as PackedSchema),
  )
  return loaded
}

function unpack({ version, kinds, types }: PackedSchema): KubeSchema {
  const structs = new Map<number, StructShape>()

  function structAt(number: number): StructShape {
    const known = structs.get(number)
    if (known) return known
    const packed = types[number]!
    const shapes = new Map<string, Shape>()
    const struct: StructShape = {
      type: 'struct',
      names: Object.keys(packed.fields),
      required: packed.required ?? [],
      defaults: packed.defaults ?? {},
      isAtomic: packed.atomic ?? false,
      field(name) {
        if (!Object.hasOwn(packed.fields, name)) return undefined
        const shape = shapes.get(name) ?? shapeOf(packed.fields[name]!)
        shapes.set(name, shape)
        return shape
      },
    }
    structs.set(number, struct)
    return struct
  }

  function shapeOf(packed: Packed): Shape {
    if (typeof packed === 'number') return structAt(packed)
    if (typeof packed === 'string') return packed === 'any' ? anyShape : ({ type: packed } as Shape)
    const [type, item, ...keys] = packed
    if (type === 'keyed') return { type, item: shapeOf(item), keys }
    if (type === 'map' || type === 'atomicMap')
      return { type: 'map', item: shapeOf(item), isAtomic: type === 'atomicMap' }
    return { type: type as 'list' | 'set', item: shapeOf(item) }
  }

  return {
    version,
    kinds: Object.keys(kinds).map((key) => {
      const slash = key.lastIndexOf('/')
      return { apiVersion: key.slice(0, slash), kind: key.slice(slash + 1) }
    }),
    find({ apiVersion, kind }) {
      const found = Object.hasOwn(kinds, `${apiVersion}/${kind}`) ? kinds[`${apiVersion}/${kind}`] : undefined
      return (
        found && { resource: found.resource, isNamespaced: found.namespaced, shape: structAt(found.type) }
      )
    },
  }
}
