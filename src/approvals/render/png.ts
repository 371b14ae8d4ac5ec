/** A picture as PNG: its SVG drawn with a font that comes with this package, so that slim machines show names too. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Failure } from '../../base/index.ts'
import type { Picture } from '../picture.ts'
import { svgFile, type SvgOptions } from './svg-file.ts'

export interface PngOptions extends SvgOptions {
  /** pixels, default 2000 */
  readonly width?: number | undefined
}

export interface Png {
  readonly bytes: Uint8Array
  /** characters of names that the font does not have; they are drawn with the fonts of this machine, if it has some */
  readonly foreign: readonly string[]
}

/** Scripts that the font has, and marks and signs of all. */
const covered =
  /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Armenian}\p{Script=Georgian}\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Common}\p{Script=Inherited}]$/u
const emoji = /\p{Extended_Pictographic}/u

/** @throws Failure APPROVALS_PNG when the renderer or the font is not there */
export async function pngFile(picture: Picture, options: PngOptions = {}): Promise<Png> {
  const { Resvg } = await import('@resvg/resvg-js').catch((error: unknown) => {
    throw new Failure(
      'APPROVALS_PNG',
      'cannot draw a PNG: @resvg/resvg-js is not installed for this platform',
      {
        hint: 'write an .svg or .html instead, or run npm install @resvg/resvg-js',
        cause: error,
      },
    )
  })
  const svg = svgFile(picture, options)
  const foreign = foreignCharacters(picture.view.nodes.map(({ label }) => label).join(''))
  const renderer = new Resvg(svg, {
    fitTo: { mode: 'width', value: options.width ?? 2000 },
    font: { loadSystemFonts: foreign.length > 0, fontFiles: fontFiles(), defaultFontFamily: 'DejaVu Sans' },
  })
  return { bytes: renderer.render().asPng(), foreign }
}

function foreignCharacters(text: string): string[] {
  return [...new Set(text)]
    .filter((character) => !covered.test(character) || emoji.test(character))
    .toSorted()
}

/** A picture without its font would have no names, and no error. */
function fontFiles(): string[] {
  return ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) => {
    const path = fileURLToPath(import.meta.resolve(`dejavu-fonts-ttf/ttf/${name}`))
    if (existsSync(path)) return path
    throw new Failure('APPROVALS_PNG', `cannot draw a PNG: the font ${name} is not installed`, {
      hint: 'run npm install dejavu-fonts-ttf',
    })
  })
}
