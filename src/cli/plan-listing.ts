/** `bake --list=targets` and `--list=variables`, with `format=json` as JSON. */
import { Failure, nearest } from '../base/index.ts'
import { listPlan } from '../build/index.ts'
import { formatTable } from './report/table.ts'

const kinds = ['targets', 'variables'] as const

/** @throws Failure USAGE | PLAN_NOT_FOUND | PLAN_INVALID */
export async function printListing(text: string, load: Parameters<typeof listPlan>[0]): Promise<void> {
  const { kind, isJson } = parseListing(text)
  const listing = await listPlan(load)
  if (isJson) {
    process.stdout.write(`${JSON.stringify(listing[kind], undefined, 2)}\n`)
    return
  }
  const lines =
    kind === 'targets'
      ? formatTable(
          [{ title: 'TARGET' }, { title: 'DESCRIPTION' }],
          listing.targets.map(({ name, description = '', group }) => [
            name,
            group ? `group. ${description}`.trim() : description,
          ]),
          process.stdout,
        )
      : formatTable(
          [{ title: 'VARIABLE' }, { title: 'TYPE' }, { title: 'VALUE' }, { title: 'DESCRIPTION' }],
          listing.variables.map(({ name, type = '', value = '<null>', description = '' }) => [
            name,
            type,
            value,
            description,
          ]),
          process.stdout,
        )
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** `targets`, `type=targets,format=json` */
function parseListing(text: string): { kind: (typeof kinds)[number]; isJson: boolean } {
  const fields = new Map(
    text.split(',').map((field) => {
      const equals = field.indexOf('=')
      return equals < 0
        ? (['type', field] as const)
        : ([field.slice(0, equals), field.slice(equals + 1)] as const)
    }),
  )
  const type = fields.get('type') ?? ''
  const kind = kinds.find((name) => name === type)
  const format = fields.get('format') ?? 'table'
  if (kind === undefined)
    throw new Failure('USAGE', `--list "${type}" is nothing that can be listed`, {
      hint: `did you mean ${nearest(type, kinds) ?? kinds.join(' or ')}?`,
    })
  if (format !== 'json' && format !== 'table')
    throw new Failure('USAGE', `--list has no format "${format}"`, { hint: 'it is table or json' })
  return { kind, isJson: format === 'json' }
}
