/** Writes docs/gateway-conformance.md from the table of the suite. */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { conformancePage } from '../test/conformance/gateway/page.ts'

await writeFile(resolve(import.meta.dirname, '../docs/gateway-conformance.md'), conformancePage())
