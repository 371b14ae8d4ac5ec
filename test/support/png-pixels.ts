/** The pixels of a PNG with 8 bits of red, green, blue and alpha (PNG specification, "Filtering"). */
import { inflateSync } from 'node:zlib'

export interface Pixels {
  readonly width: number
  readonly height: number
  /** `#rrggbb` */
  readonly colourAt: (x: number, y: number) => string
}

export function pngPixels(bytes: Uint8Array): Pixels {
  const data = Buffer.from(bytes)
  const [width, height] = [data.readUInt32BE(16), data.readUInt32BE(20)]
  if (data[24] !== 8 || data[25] !== 6 || data[28] !== 0) throw new Error('not a PNG of 8-bit RGBA')
  const parts: Buffer[] = []
  for (let at = 8; at < data.length; at += 12 + data.readUInt32BE(at))
    if (data.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(data.subarray(at + 8, at + 8 + data.readUInt32BE(at)))
  const raw = inflateSync(Buffer.concat(parts))
  const stride = width * 4
  const out = Buffer.alloc(stride * height)
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)]!
    for (let x = 0; x < stride; x++) {
      const left = x >= 4 ? out[y * stride + x - 4]! : 0
      const up = y > 0 ? out[(y - 1) * stride + x]! : 0
      const corner = x >= 4 && y > 0 ? out[(y - 1) * stride + x - 4]! : 0
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]!
      out[y * stride + x] = raw[y * (stride + 1) + 1 + x]! + guess
    }
  }
  return {
    width,
    height,
    colourAt: (x, y) => `#${out.toString('hex', (y * width + x) * 4, (y * width + x) * 4 + 3)}`,
  }
}

function paeth(left: number, up: number, corner: number): number {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)]
  return a <= b && a <= c ? left : b <= c ? up : corner
}
