import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import { parseYaml } from '../../yaml/index.ts'
import { slipwayJsonSchema } from './schema.ts'

const file = new URL('../../../schema/slipway.schema.json', import.meta.url)
const published = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>

test('the published schema is the one plans are checked with (npm run schema)', () => {
  assert.deepEqual(published, JSON.parse(JSON.stringify(slipwayJsonSchema())))
})

test('every field of the published schema is described', () => {
  const missing: string[] = []
  const visit = (schema: unknown, path: string) => {
    if (typeof schema !== 'object' || schema === null) return
    const properties = (schema as { properties?: Record<string, { description?: string }> }).properties ?? {}
    for (const [key, value] of Object.entries(properties))
      if (!value.description) missing.push(`${path}.${key}`)
    for (const [key, value] of Object.entries(schema)) visit(value, `${path}.${key}`)
  }
  visit(published, '')
  assert.deepEqual(missing, [])
})

test('the published schema accepts plans and refuses what is no plan', () => {
  const check = new Ajv({ strict: true, allErrors: true }).compile(published)
  const image = 'images: [{name: a, dockerfile: Dockerfile}]\n'
  const good = [
    image,
    `x-shared: {any: 1}\n${image}`,
    `hubs: [h]\ntags: [t]\nplatforms: [linux/amd64]\nargs: {A: b}\nlabels: {a.b: c}\n${image}`,
    `variants: {debug: {default: true, args: {D: debug}, target: t}}\n${image}`,
    `artifacts:\n  a: {command: go build, outputs: [x]}\n  b: {command: [go, build], env: {A: b}}\n  c: {make: [x], perPlatform: false}\n${image}`,
    'images: [{name: a/b-c, dockerfile: D, files: [x, {from: a, to: b}], targets: [t], variants: [], base: true}]',
    `groups: {all: [a]}\n${image}`,
    `sbom: both\nprovenance: max\n${image}`,
  ]
  const bad = [
    'images: []',
    'hubs: [h]',
    'images: [{name: a}]',
    'images: [{name: A, dockerfile: D}]',
    'images: [{name: a, dockerfile: D, basee: true}]',
    `args: {A: 1}\n${image}`,
    `args: {"a-b": x}\n${image}`,
    `artifacts: {a: {command: 3}}\n${image}`,
    `hub: [h]\n${image}`,
    `sbom: true\n${image}`,
  ]
  for (const text of good)
    assert.ok(check(parseYaml(text, 'p').value), `${text}: ${JSON.stringify(check.errors)}`)
  for (const text of bad) assert.equal(check(parseYaml(text, 'p').value), false, text)
})
