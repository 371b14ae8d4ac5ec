/** `slipway approvals graph`: events in, pictures out. */
import { extname } from 'node:path'
import { Failure, nearest, writeFileAtomically } from '../base/index.ts'
import {
  csvFile,
  htmlFile,
  jsonFile,
  makePicture,
  markdownFile,
  pngFile,
  svgFile,
  type Picture,
} from '../approvals/index.ts'
import type { GraphFlags } from './approvals-command.ts'
import { choice, collectFiles, pictureOptions, wholeNumber } from './approvals-input.ts'
import { partialStatus } from './approvals-sources.ts'

const formats = ['html', 'svg', 'png', 'csv', 'json', 'md'] as const
type Format = (typeof formats)[number]

interface Target {
  readonly path: string
  readonly format: Format
}

/** @throws Failure */
export async function runGraph(events: readonly string[], flags: GraphFlags): Promise<void> {
  const targets = parseTargets(flags)
  const arcs = choice('--arcs', flags.arcs, ['received', 'given'] as const)
  const kind = choice('--view', flags.view, ['chord', 'matrix'] as const)
  const theme = choice('--theme', flags.theme, ['light', 'dark'] as const)
  const width = wholeNumber('--width', flags.width, 100)
  const options = await pictureOptions(flags)
  const { anonymise } = flags
  const picture = makePicture(await collectFiles(events), {
    ...options,
    arcs,
    anonymise: anonymise === undefined ? undefined : { seed: anonymise === true ? '' : anonymise },
  })
  for (const { path, format } of targets) {
    const bytes = await render(picture, format, { kind, theme, width })
    if (path === '-') process.stdout.write(bytes)
    else await writeFileAtomically(path, bytes)
  }
  tell(picture, targets)
}

/** What is to be known beside the picture, on stderr. */
function tell({ facts, identities }: Picture, targets: readonly Target[]): void {
  for (const note of facts.notes) process.stderr.write(`note: ${note}\n`)
  for (const reason of facts.partial) process.stderr.write(`warning: partial: ${reason}\n`)
  if (identities.mergedByName > 0)
    process.stderr.write(
      `note: ${identities.mergedByName} people are one by their full name alone; --no-merge-names keeps them apart\n`,
    )
  const files = targets.filter(({ path }) => path !== '-').map(({ path }) => path)
  process.stderr.write(`${files.length > 0 ? `${files.join(', ')}: ` : ''}${facts.coverage}\n`)
  if (facts.partial.length > 0) process.exitCode = partialStatus
}

interface RenderOptions {
  readonly kind: 'chord' | 'matrix'
  readonly theme: 'light' | 'dark'
  readonly width: number
}

async function render(
  picture: Picture,
  format: Format,
  options: RenderOptions,
): Promise<string | Uint8Array> {
  switch (format) {
    case 'html':
      return await htmlFile(picture, options)
    case 'svg':
      return svgFile(picture, options)
    case 'png': {
      const { bytes, foreign } = await pngFile(picture, options)
      if (foreign.length > 0)
        process.stderr.write(
          `warning: the font of pictures has no ${foreign.slice(0, 10).join(' ')}: they are drawn with fonts of this machine where it has some\n`,
        )
      return bytes
    }
    case 'csv':
      return csvFile(picture)
    case 'json':
      return jsonFile(picture)
    case 'md':
      return markdownFile(picture)
  }
}

function parseTargets({ output = [], format }: GraphFlags): Target[] {
  if (output.length === 0)
    throw new Failure('USAGE', 'a picture needs a place to go to', {
      hint: 'slipway approvals graph - -o approvals.html',
    })
  return output.map((path) => {
    const name = format ?? extname(path).slice(1).toLowerCase()
    const known = formats.find(
      (each) => each === (name === 'htm' ? 'html' : name === 'markdown' ? 'md' : name),
    )
    if (known) return { path, format: known }
    const near = nearest(name, formats)
    throw new Failure('USAGE', `"${name || path}" tells no format of ${formats.join(', ')}`, {
      hint: near ? `did you mean ${near}?` : 'end the name of the output with one, or add --format',
    })
  })
}
