/**
 * Approvals that somebody counted already: `{"rows": [[approver, author, count]]}` as the original's query gave it, and
 * tables of three columns. Which column is whom is never guessed: rows of the API are approver first, our tables author first.
 */
import { Failure } from '../../../base/index.ts'
import type { ApprovalEvent, EventRecord, Person } from '../../event.ts'
import { csvRecords } from './csv-records.ts'

export type RowColumn = 'approver' | 'author' | 'count' | 'skip'

export interface RowsOptions {
  /** what the columns are; default: by the table's first line */
  readonly columns?: readonly RowColumn[] | undefined
  /** what the repository is called, default `rows` */
  readonly name?: string | undefined
}

/** @throws Failure APPROVALS_INVALID */
export function readRows(text: string, file: string, options: RowsOptions = {}): EventRecord[] {
  const rows = /^\s*\{/.test(text) ? jsonRows(text, file) : csvRows(text, file, options)
  const repo = options.name ?? 'rows'
  const events = rows.map(({ approver, author, count }): ApprovalEvent => ({
    kind: 'approval',
    source: 'rows',
    repo,
    author: personOf(author),
    approver: personOf(approver),
    state: 'approved',
    count,
  }))
  return [
    { kind: 'source', version: 1, source: 'rows', repos: [repo] },
    ...events,
    { kind: 'end', events: events.length, partial: [], coverage: { rows: events.length } },
  ]
}

interface Row {
  readonly approver: string
  readonly author: string
  readonly count: number
}

/** An account that is gone has an empty login in such tables. */
function personOf(text: string): Person | null {
  if (text === '' || text === 'ghost') return null
  return /^[\w.@/-]+(?:\[bot\])?$/.test(text) ? { login: text } : { name: text }
}

function jsonRows(text: string, file: string): Row[] {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    throw new Failure('APPROVALS_INVALID', `${file} is not JSON: ${(error as Error).message}`)
  }
  const rows: unknown = (document as { rows?: unknown } | null)?.rows
  if (!Array.isArray(rows))
    throw new Failure('APPROVALS_INVALID', `${file} has no list "rows"`, {
      hint: 'write {"rows": [["approver", "author", 12]]}',
    })
  return rows.map((row: unknown, index) => {
    const [approver, author, count] = Array.isArray(row) ? (row as unknown[]) : []
    const number = Number(count)
    const isCount =
      (typeof count === 'number' || typeof count === 'string') && Number.isSafeInteger(number) && number >= 0
    if (!isName(approver) || !isName(author) || !isCount)
      throw new Failure(
        'APPROVALS_INVALID',
        `row ${index + 1} of ${file} is ${JSON.stringify(row)}, not [approver, author, count]`,
      )
    return { approver: approver ?? '', author: author ?? '', count: number }
  })
}

function isName(value: unknown): value is string | null {
  return typeof value === 'string' || value === null
}

const titles = new Map<string, RowColumn>([
  ['approver', 'approver'],
  ['approved by', 'approver'],
  ['approved_by', 'approver'],
  ['reviewer', 'approver'],
  ['author', 'author'],
  ['changes of', 'author'],
  ['count', 'count'],
  ['approvals', 'count'],
  ['value', 'count'],
])

function csvRows(text: string, file: string, options: RowsOptions): Row[] {
  let columns = options.columns
  const rows: Row[] = []
  let isFirst = true
  for (const { line, fields } of csvRecords(text)) {
    const fail = (message: string, hint?: string): never => {
      throw new Failure('APPROVALS_INVALID', message, { at: { file, line, column: 1 }, hint })
    }
    if (fields === undefined) return fail('a quote stands where none may')
    const isHeader = isFirst && fields.every((field) => !/^\s*\d+\s*$/.test(field))
    isFirst = false
    if (isHeader) {
      columns ??= columnsOf(fields)
      if (columns) continue
    }
    if (columns === undefined)
      return fail(
        `the first line is ${JSON.stringify(fields.join(','))}, which does not say whose column is whose`,
        'begin the table with a line author,approver,count, or say --columns author,approver,count',
      )
    const of = (column: RowColumn) => plain(fields[columns!.indexOf(column)] ?? '')
    const count = of('count')
    if (fields.length !== columns.length)
      fail(`${fields.length} fields, where there are ${columns.length} columns`)
    if (!/^\d{1,15}$/.test(count)) fail(`"${count}" is no count`)
    rows.push({ approver: of('approver'), author: of('author'), count: Number(count) })
  }
  return rows
}

/** Nothing when one of the three is missing. */
function columnsOf(fields: readonly string[]): RowColumn[] | undefined {
  const columns = fields.map((field) => titles.get(field.trim().toLowerCase()) ?? 'skip')
  const has = (column: RowColumn) => columns.filter((each) => each === column).length === 1
  return has('approver') && has('author') && has('count') ? columns : undefined
}

/** Without the apostrophe that keeps a spreadsheet from taking it for a formula. */
function plain(field: string): string {
  return field.replace(/^'(?=[=+\-@\t\r])/, '').trim()
}
