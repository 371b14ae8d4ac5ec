/** Our defaults and rules beside those of the published CRDs, on specs that are changed at random. */
import assert from 'node:assert/strict'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { before, suite, test } from 'node:test'
import { Environment } from '@marcbachmann/cel-js'
import { readConfigFiles } from '../../src/gateway/objects/config-files.ts'
import { kindOf } from '../../src/gateway/objects/kind.ts'
import { newObjectStore } from '../../src/gateway/objects/object-store.ts'
import { applyDefaults } from '../../src/gateway/objects/schema/defaults.ts'
import { checkRules } from '../../src/gateway/objects/schema/rules.ts'
import { checkStructure } from '../../src/gateway/objects/schema/structure.ts'
import {
  downloadModule,
  gatewayApiModule,
  istioModule,
  readCrds,
  skipWithoutGo,
  type Crd,
  type CrdSchema,
} from '../support/published-crds.ts'
import { seededRandom, specsByKind, mutate } from '../support/spec-mutations.ts'

/** mutants of each kind */
const rounds = 2000

suite('published CRDs', { skip: skipWithoutGo(), timeout: 400_000 }, () => {
  let crds = new Map<string, Crd>()
  before(async () => {
    crds = new Map([
      ...(await readCrds(gatewayApiModule, 'config/crd/experimental')),
      ...(await readCrds(istioModule, 'kubernetes')),
    ])
  })

  for (const [groupKind, bases] of Object.entries(specsByKind)) {
    test(`${groupKind}: defaults and rules are those of the CRD`, async (context) => {
      const [kindName = '', ...rest] = groupKind.split('.')
      const kind = kindOf(rest.join('.'), kindName)!
      const schema = await kind.schema(kind.versions[0]!)
      const apiVersion = (schema as { apiVersion?: string }).apiVersion
      const crd = crds.get(groupKind)!
      const judge = newJudge(crd.spec)
      const random = seededRandom(groupKind.length * 7919)
      const counts = { malformed: 0, accepted: 0, refused: 0 }
      for (let round = 0; round < rounds; round++) {
        const spec: unknown = structuredClone(bases[round % bases.length])
        const steps = round < bases.length ? 0 : 1 + Math.floor(random() * 3)
        for (let step = 0; step < steps; step++) mutate(spec, random)
        const value = { apiVersion, kind: kindName, metadata: { name: 'x' }, spec }
        if (checkStructure(value, schema).length > 0) {
          counts.malformed++
          assert.ok(
            round >= bases.length,
            `base ${round} is malformed: ${JSON.stringify(checkStructure(value, schema))}`,
          )
          continue
        }
        const expected: unknown = structuredClone(spec)
        applyDefaults(groupKind, spec)
        putDefaults(expected, crd.spec)
        assert.deepEqual(spec, expected, 'defaults')
        const ours = checkRules(groupKind, spec)
        const theirs = judge(spec)
        if (ours.length > 0 === theirs.length > 0) {
          if (theirs.length > 0) counts.refused++
          else counts.accepted++
          continue
        }
        assert.fail(
          `${JSON.stringify(spec, undefined, 1)}\nours: ${JSON.stringify(ours)}\ntheirs: ${JSON.stringify(theirs)}`,
        )
      }
      context.diagnostic(
        `${counts.accepted} accepted, ${counts.refused} refused, ${counts.malformed} malformed`,
      )
      assert.ok(counts.accepted > 20, 'too few specs were accepted')
    })
  }
})

suite('published examples', { skip: skipWithoutGo(), timeout: 100_000 }, () => {
  test('every object in the examples of the Gateway API is taken as it is', async (context) => {
    const folder = await downloadModule(gatewayApiModule)
    const files = await readConfigFiles([join(folder, 'examples')])
    const rules = new Set(['duplicate-object'])
    const store = newObjectStore({ namespace: 'default', strict: true, ages: new Map(), now: Date.now })
    const { all, diagnostics } = await store.load(files)
    const wrong = diagnostics.filter(({ severity, rule }) => severity !== 'info' && !rules.has(rule))
    assert.deepEqual(
      wrong.map(({ at, message }) => `${at.file.slice(folder.length)}:${at.line} ${message}`),
      [],
    )
    context.diagnostic(`${all.length} objects of ${files.files.length} files`)
    assert.ok(all.length > 50, `only ${all.length} objects were read`)
  })
})

/** As an API server does, from the outside in. */
function putDefaults(value: unknown, schema: CrdSchema): void {
  if (Array.isArray(value)) for (const item of value) putDefaults(item, schema.items ?? {})
  else if (typeof value === 'object' && value !== null) {
    const record = value as Record<string, unknown>
    for (const [key, child] of Object.entries(schema.properties ?? {})) {
      if (record[key] === undefined && child.default !== undefined)
        record[key] = structuredClone(child.default)
      if (record[key] !== undefined) putDefaults(record[key], child)
    }
  }
}

/** The messages of all rules that a spec breaks. */
function newJudge(schema: CrdSchema): (spec: unknown) => string[] {
  const environment = new Environment({ unlistedVariablesAreDyn: true, homogeneousAggregateLiterals: false })
  environment.registerVariable('self', 'dyn')
  environment.registerFunction('isIP(string): bool', (text: string) => isIP(text) !== 0)
  const parsed = new Map<string, (context: Record<string, unknown>) => unknown>()
  const judge = (value: unknown, at: CrdSchema): string[] => {
    if (value === undefined) return []
    const own = (at['x-kubernetes-validations'] ?? []).flatMap(({ rule, message = rule }) => {
      if (rule.includes('oldSelf')) return []
      const run = parsed.get(rule) ?? environment.parse(ruleForThisCel(rule))
      parsed.set(rule, run)
      let verdict: unknown
      try {
        verdict = run({ self: celValue(value) })
      } catch (error) {
        // What cannot be evaluated refuses the object, as the API server does.
        return [`${message}: ${(error as Error).message}`]
      }
      return verdict === true ? [] : [message]
    })
    if (Array.isArray(value)) return [...own, ...value.flatMap((item) => judge(item, at.items ?? {}))]
    if (typeof value !== 'object' || value === null) return own
    const children = Object.entries(value).flatMap(([key, child]) => {
      const more = typeof at.additionalProperties === 'object' ? at.additionalProperties : {}
      return judge(child, at.properties?.[key] ?? more)
    })
    return [...own, ...children]
  }
  return (spec) => judge(spec, schema)
}

/** Whole numbers are `int`; fields named like a word of CEL are escaped. */
function celValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  if (Array.isArray(value)) return value.map(celValue)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [
      key === 'namespace' ? '__namespace__' : key,
      celValue(child),
    ]),
  )
}

/** This CEL takes no index inside `has()`, and its regular expressions no flags. */
function ruleForThisCel(rule: string): string {
  const plain = rule.replaceAll(/has\(([\w.]+\[\d+\])\.(\w+)\)/g, "('$2' in $1)")
  return plain.includes('(?i)') ? plain.replaceAll('(?i)', '').replaceAll('[a-z_', '[A-Za-z_') : plain
}
