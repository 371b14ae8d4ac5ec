/** ADD: local files, archives and URLs. */
import { createHash } from 'node:crypto'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { tarOf } from '../base-images.ts'
import { build, type CaseGroup } from '../case.ts'
import { filesOf } from '../file-table.ts'
import { webFiles } from '../web-files.ts'

const tar = await tarOf(
  filesOf({
    'in/': { mode: 0o750, uid: 5, gid: 6 },
    'in/file': { content: 'in the archive', mode: 0o4640, uid: 7, gid: 8 },
    'in/link': '-> file',
    'in/hard': { hardlink: 'in/file' },
    'implied/deep': 'no parent listed',
    twice: 'first',
  }),
)
const context = {
  f: 'f',
  'd/x': 'x',
  'a.tar': tar,
  'a.tgz': gzipSync(tar),
  'a.zst': zstdCompressSync(tar),
  'named-txt.txt': tar,
  'not.tar': 'this is no tar',
  'zipped.gz': gzipSync('only text'),
  'empty.tar': Buffer.alloc(1024),
}
const web = { args: { URL: '{web}' } }
const sum = createHash('sha256').update(webFiles['/hello.txt']!.content).digest('hex')
const wrongSum = sum.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))

export const addCases: CaseGroup = {
  name: 'add',
  cases: [
    build('a file', ['FROM scratch', 'ADD f /x'], { context }),
    build('a directory', ['FROM scratch', 'ADD d /x'], { context }),
    build('a directory with archives in it', ['FROM scratch', 'ADD . /x'], { context }),
    build('a tar', ['FROM scratch', 'ADD a.tar /x'], { context }),
    build('a tar into the root', ['FROM scratch', 'ADD a.tar /'], { context }),
    build('a tar to a directory', ['FROM scratch', 'ADD a.tar /x/'], { context }),
    build('a tar with gzip', ['FROM scratch', 'ADD a.tgz /x/'], { context }),
    build('a tar with zstd', ['FROM scratch', 'ADD a.zst /x/'], { context }),
    build('a tar under another name', ['FROM scratch', 'ADD named-txt.txt /x/'], { context }),
    build('a text named tar', ['FROM scratch', 'ADD not.tar /x/'], { context }),
    build('a text with gzip', ['FROM scratch', 'ADD zipped.gz /x/'], { context }),
    build('an empty tar', ['FROM scratch', 'ADD empty.tar /x/'], { context }),
    build('archives by a pattern', ['FROM scratch', 'ADD a.t* /x/'], { context }),
    build('a tar and a file', ['FROM scratch', 'ADD a.tar f /x/'], { context }),
    build('a tar over a file', ['FROM scratch', 'ADD f /x', 'ADD a.tar /x'], { context }),
    build(
      'a tar over what is there',
      ['FROM scratch', 'ADD f /x/in/file', 'ADD f /x/twice', 'ADD a.tar /x'],
      { context },
    ),
    build('a tar into a link', ['FROM bases.test/links', 'ADD a.tar /chain'], { context }),
    build('a tar below links of a system', ['FROM bases.test/system', 'ADD usr.tar /'], {
      context: { 'usr.tar': await tarOf(filesOf({ 'bin/': 0o755, 'bin/new': 'new', 'var/run/x': 'x' })) },
    }),
    build('a tar with --chown', ['FROM scratch', 'ADD --chown=50:60 a.tar /x/'], { context }),
    build('a tar with --chmod', ['FROM scratch', 'ADD --chmod=700 a.tar /x/'], { context }),
    build('a tar with --unpack=false', ['FROM scratch', 'ADD --unpack=false a.tar /x/'], { context }),
    build('a tar with --unpack=true', ['FROM scratch', 'ADD --unpack=true a.tar /x/'], { context }),
    build('a file with --unpack=true', ['FROM scratch', 'ADD --unpack=true f /x/'], { context }),
    build('a tar with whiteout names', ['FROM scratch', 'ADD w.tar /x/'], {
      context: { 'w.tar': await tarOf(filesOf({ a: 'a', '.wh.b': '' })) },
      differences: ['whiteout-name'],
    }),
    build('a tar with a name twice', ['FROM scratch', 'ADD t.tar /x/'], {
      context: {
        't.tar': await tarOf([
          ...filesOf({ a: 'first' }),
          ...filesOf({ a: { content: 'second', mode: 0o600 } }),
        ]),
      },
    }),
    build('a tar with ".." in a name', ['FROM scratch', 'ADD up.tar /x/'], {
      context: { 'up.tar': await tarOf(filesOf({ '../../up': 'up', 'a/../b': 'b' })) },
    }),
    build('a tar with absolute names', ['FROM scratch', 'ADD abs.tar /x/'], {
      context: { 'abs.tar': await tarOf(filesOf({ '/abs/file': 'abs' })) },
    }),
    build('a tar whose link leads out', ['FROM bases.test/system', 'ADD out.tar /home'], {
      context: { 'out.tar': await tarOf(filesOf({ out: '-> /etc', 'out/new': 'new' })) },
    }),
    build('a tar with a fifo', ['FROM scratch', 'ADD p.tar /x/'], {
      context: { 'p.tar': await tarOf(filesOf({ p: { special: 'fifo' } })) },
    }),
    build('a tar cut short', ['FROM scratch', 'ADD cut.tar /x/'], {
      context: { 'cut.tar': tar.subarray(0, 1200) },
      differences: ['broken-archive'],
    }),
    build('--from', ['FROM scratch AS s', 'FROM scratch', 'ADD --from=s / /'], { context }),
    build('a URL to a name', ['FROM scratch', 'ARG URL', 'ADD $URL/hello.txt /x'], web),
    build('a URL to a directory', ['FROM scratch', 'ARG URL', 'ADD $URL/hello.txt /x/'], web),
    build('a URL with a query', ['FROM scratch', 'ARG URL', 'ADD $URL/hello.txt?a=b/c /x/'], web),
    build(
      'a URL with escapes',
      ['FROM scratch', 'ARG URL', 'ADD $URL/folder/name%20with%20space.txt /x/'],
      web,
    ),
    build('a URL whose server gives a name', ['FROM scratch', 'ARG URL', 'ADD $URL/disposition /x/'], web),
    build('a URL without a name', ['FROM scratch', 'ARG URL', 'ADD $URL/ /x/'], web),
    build('a URL that is not there', ['FROM scratch', 'ARG URL', 'ADD $URL/none /x'], web),
    build(
      'a URL with --chmod and --chown',
      ['FROM scratch', 'ARG URL', 'ADD --chmod=755 --chown=5:6 $URL/hello.txt /a/x'],
      web,
    ),
    build(
      'a URL with --checksum',
      ['FROM scratch', 'ARG URL', `ADD --checksum=sha256:${sum} $URL/hello.txt /x`],
      web,
    ),
    build(
      'a URL with a wrong --checksum',
      ['FROM scratch', 'ARG URL', `ADD --checksum=sha256:${wrongSum} $URL/hello.txt /x`],
      web,
    ),
    build(
      'a URL with a --checksum that is none',
      ['FROM scratch', 'ARG URL', 'ADD --checksum=md5:1 $URL/hello.txt /x'],
      web,
    ),
    build('a file with --checksum', ['FROM scratch', `ADD --checksum=sha256:${sum} f /x`], { context }),
    build('an archive of a URL', ['FROM scratch', 'ARG URL', 'ADD $URL/a.tgz /x/'], web),
    build(
      'an archive of a URL with --unpack',
      ['FROM scratch', 'ARG URL', 'ADD --unpack $URL/a.tgz /x/'],
      web,
    ),
    build('a URL through a link', ['FROM bases.test/links', 'ARG URL', 'ADD $URL/hello.txt /to-file'], web),
    build('a URL and a file', ['FROM scratch', 'ARG URL', 'ADD $URL/hello.txt f /x/'], { ...web, context }),
  ],
}
