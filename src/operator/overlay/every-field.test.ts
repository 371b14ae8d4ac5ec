/** The escape hatch reaches everything: each field and item that a package renders can be set and removed by an overlay. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  anyShape,
  formatObject,
  itemKey,
  loadKubeSchema,
  type KubeObject,
  type Shape,
} from '../../kube/index.ts'
import { loadInstallations } from '../installation/load-installations.ts'
import { builtInPackages } from '../packages/built-in.ts'
import { renderInstallation } from '../render/render.ts'
import { applyOverlays } from './apply-overlays.ts'
import { isProtected } from './identity.ts'

const schema = await loadKubeSchema()
const everything = { tls: { secretName: 'x' }, networkPolicy: true, autoscaling: { maxReplicas: 5 } }

function load(overlays: readonly object[]) {
  const spec = { package: { name: 'nginx', version: '1.1.0' }, values: everything, overlays }
  const object = { apiVersion: 'slipway.dev/v1alpha1', kind: 'Installation', metadata: { name: 'web' }, spec }
  return loadInstallations(JSON.stringify(object), 'web.yaml', [])[0]!
}

const { objects } = renderInstallation(load([]), builtInPackages.find('nginx', '1.1.0'), {
  schema,
  namespace: 'shop',
})

/** A patch for `merge` that does something at a path, and the path as a JSON pointer. */
interface Spot {
  readonly pointer: string
  readonly path: readonly (string | number)[]
  readonly patchWith: (change: unknown) => object
  readonly isItem: boolean
}

/** Every field and item of keyed lists below a value; what is atomic is one spot. */
function* spotsOf(
  value: unknown,
  shape: Shape,
  path: readonly (string | number)[],
  wrap: Spot['patchWith'],
): Generator<Spot> {
  if (Array.isArray(value) && shape.type === 'keyed') {
    for (const [index, item] of (value as Record<string, unknown>[]).entries()) {
      assert.ok(itemKey(shape, item))
      const keys = Object.fromEntries(shape.keys.filter((key) => key in item).map((key) => [key, item[key]]))
      const patchWith = (change: unknown) => wrap([{ ...keys, ...(change as object) }])
      yield spot([...path, index], patchWith, true)
      for (const [name, field] of Object.entries(item)) {
        if (shape.keys.includes(name)) continue
        const below = (change: unknown) => patchWith({ [name]: change })
        yield spot([...path, index, name], below, false)
        yield* spotsOf(field, shapeBelow(shape.item, name), [...path, index, name], below)
      }
    }
  } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    if ((shape.type === 'struct' || shape.type === 'map') && shape.isAtomic) return
    for (const [name, field] of Object.entries(value)) {
      const below = (change: unknown) => wrap({ [name]: change })
      if (!isProtected([...path, name])) yield spot([...path, name], below, false)
      yield* spotsOf(field, shapeBelow(shape, name), [...path, name], below)
    }
  }
}

function spot(path: readonly (string | number)[], patchWith: Spot['patchWith'], isItem: boolean): Spot {
  const pointer = path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
  return { pointer, path, patchWith, isItem }
}

function shapeBelow(shape: Shape, name: string): Shape {
  if (shape.type === 'struct') return shape.field(name) ?? anyShape
  return shape.type === 'map' ? shape.item : anyShape
}

function changed(object: KubeObject, overlay: object): KubeObject {
  const target = { kind: object.kind, name: object.metadata.name }
  return applyOverlays([object], load([{ target, ...overlay }]).overlays, schema)[0]!
}

let seen = 0
for (const object of objects)
  test(`of ${formatObject(object)}`, () => {
    const shape = schema.find(object)!.shape
    for (const { pointer, path, patchWith, isItem } of spotsOf(
      object,
      shape,
      [],
      (change) => change as object,
    )) {
      const label = `${formatObject(object)} ${pointer}`
      const byPointer = changed(object, { type: 'json', patch: [{ op: 'remove', path: pointer }] })
      const byMerge = changed(object, { patch: patchWith(isItem ? { $patch: 'delete' } : null) })
      assert.deepEqual(byMerge, byPointer, `removed: ${label}`)
      assert.notDeepEqual(byMerge, object)
      if (!isItem) {
        const set = changed(object, { patch: patchWith('another') })
        const replaced = changed(object, {
          type: 'json',
          patch: [{ op: 'replace', path: pointer, value: 'another' }],
        })
        assert.deepEqual(set, replaced, `set: ${label}`)
      }
      assert.ok(path.length > 0)
      seen++
    }
  })

test('that was not little', () => assert.ok(seen > 150, `${seen} fields and items were seen`))
