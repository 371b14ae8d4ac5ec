/** A picture as Markdown, for a wiki or a comment. */
import { captionLines } from '../facts.ts'
import type { Picture } from '../picture.ts'
import { grouped } from './markup.ts'
import { pairRows } from './pairs-table.ts'

export function markdownFile({ view, facts }: Picture): string {
  const people = view.nodes.map(
    ({ label, received, given }) => `| ${cell(label)} | ${grouped(received)} | ${grouped(given)} |`,
  )
  const pairs = pairRows(view).map(
    ({ author, approver, count }) => `| ${cell(author)} | ${cell(approver)} | ${grouped(count)} |`,
  )
  return [
    `# ${facts.title}${facts.partial.length > 0 ? ' (partial)' : ''}`,
    '',
    ...facts.partial.map((reason) => `- **Partial**: ${cell(reason)}`),
    ...captionLines(facts).map((line) => `- ${cell(line)}`),
    '',
    '| person | received | gave |',
    '|---|--:|--:|',
    ...people,
    '',
    '| changes of | approved by | count |',
    '|---|---|--:|',
    ...pairs,
    '',
  ].join('\n')
}

function cell(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|#&]/g, (character) => `\\${character}`).replaceAll(/\s+/g, ' ')
}
