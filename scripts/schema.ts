/** Writes `schema/slipway.schema.json` from the schema that `slipway bake` checks plans with. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { slipwayJsonSchema } from '../src/build/plan/schema.ts'

const file = 'schema/slipway.schema.json'
mkdirSync('schema', { recursive: true })
writeFileSync(file, `${JSON.stringify(slipwayJsonSchema(), null, 2)}\n`)
execFileSync('node_modules/.bin/oxfmt', [file])
