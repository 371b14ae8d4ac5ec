/** Writes the headings of docs/errors.md from the failure codes; the text above the first heading stays. */
import { readFileSync, writeFileSync } from 'node:fs'
import { failureCodes } from '../src/base/index.ts'

const path = new URL('../docs/errors.md', import.meta.url)
const introduction = readFileSync(path, 'utf8').split(/^## /m)[0]!.trimEnd()
const headings = Object.entries(failureCodes).map(
  ([code, { exit, meaning }]) => `## ${code}\n\nExit ${exit}: ${meaning}.`,
)
writeFileSync(path, `${[introduction, ...headings].join('\n\n')}\n`)
