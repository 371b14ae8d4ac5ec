/** What the test's web server has, by path. */
import { gzipSync } from 'node:zlib'
import { tarOf } from './base-images.ts'
import { filesOf } from './file-table.ts'

export interface WebFile {
  readonly content: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

const archive = gzipSync(await tarOf(filesOf({ 'in/': 0o750, 'in/file': 'of an archive' })))

export const webFiles: Readonly<Record<string, WebFile>> = {
  '/hello.txt': {
    content: 'hello from the web\n',
    headers: { 'last-modified': 'Tue, 01 Jun 2021 10:00:00 GMT' },
  },
  '/folder/name%20with%20space.txt': { content: 'spaced\n' },
  '/hello.txt?a=b/c': { content: 'asked' },
  '/': { content: 'the root' },
  '/a.tgz': { content: archive },
  '/disposition': {
    content: 'named by a header\n',
    headers: { 'content-disposition': 'attachment; filename="given.txt"' },
  },
}
