/** COPY of single files: what sources and destinations mean. */
import { build, type CaseGroup } from '../case.ts'

const context = { 'a.txt': 'a\n', 'b.txt': 'b\n', 'dir/c.txt': 'c\n' }
const long = 'n'.repeat(120)

export const copyCases: CaseGroup = {
  name: 'copy',
  cases: [
    build('a file to a new name', ['FROM scratch', 'COPY a.txt /new'], { context }),
    build('a destination with a slash is a directory', ['FROM scratch', 'COPY a.txt /made/'], { context }),
    build('an existing directory without a slash', ['FROM bases.test/system', 'COPY a.txt /run'], {
      context,
    }),
    build('a name below directories that are not there', ['FROM scratch', 'COPY a.txt /x/y/z'], { context }),
    build('several files into a directory', ['FROM scratch', 'COPY a.txt b.txt /many/'], { context }),
    build('several files to a name without a slash', ['FROM scratch', 'COPY a.txt b.txt /many'], {
      context,
      differences: ['many-to-one'],
    }),
    build('several files to a file', ['FROM scratch', 'COPY a.txt /many', 'COPY a.txt b.txt /many'], {
      context,
      differences: ['many-to-one'],
    }),
    build(
      'several files to a directory that is there',
      ['FROM scratch', 'COPY a.txt /many/', 'COPY dir/c.txt b.txt /many'],
      { context },
    ),
    build('the same file twice', ['FROM scratch', 'COPY a.txt a.txt /twice/'], { context }),
    build('of files with one name the last stays', ['FROM scratch', 'COPY a.txt dir/a.txt /one/'], {
      context: { ...context, 'dir/a.txt': 'another a\n' },
    }),
    build('the JSON form', ['FROM scratch', 'COPY ["a.txt", "b.txt", "/json/"]'], { context }),
    build('names with spaces in the JSON form', ['FROM scratch', 'COPY ["with space", "/to a/place "]'], {
      context: { 'with space': 'spaced' },
    }),
    build('a JSON form that is no JSON', ['FROM scratch', "COPY ['a.txt', '/x']"], { context }),
    build('a relative destination', ['FROM scratch', 'WORKDIR /w', 'COPY a.txt below/name'], { context }),
    build('the working directory as "."', ['FROM scratch', 'WORKDIR /w', 'COPY a.txt .'], { context }),
    build('the working directory as "./"', ['FROM scratch', 'WORKDIR /w', 'COPY a.txt ./'], { context }),
    build('a destination that ends in "/."', ['FROM scratch', 'COPY a.txt /w/.'], { context }),
    build('a destination that ends in "/.."', ['FROM scratch', 'COPY a.txt /w/x/..'], { context }),
    build('an empty destination', ['FROM scratch', 'WORKDIR /w', 'ARG nothing', 'COPY a.txt $nothing'], {
      context,
    }),
    build('".." and "//" in a destination', ['FROM scratch', 'COPY a.txt /x//../..//y/./z'], { context }),
    build('a source with "/" at its start', ['FROM scratch', 'COPY /a.txt /new'], { context }),
    build('a source with "./" at its start', ['FROM scratch', 'COPY ./dir/../a.txt /new'], { context }),
    build('a source that climbs out stays in the context', ['FROM scratch', 'COPY ../../a.txt /new'], {
      context,
    }),
    build('a file with a slash at its end', ['FROM scratch', 'COPY a.txt/ /new'], { context }),
    build('a missing source', ['FROM scratch', 'COPY none /new'], { context }),
    build('one missing source of several', ['FROM scratch', 'COPY a.txt none /new/'], { context }),
    build('a source below a file', ['FROM scratch', 'COPY a.txt/b /new'], { context }),
    build('a destination below a file', ['FROM scratch', 'COPY a.txt /f', 'COPY b.txt /f/b'], { context }),
    build('over a file that is there', ['FROM scratch', 'COPY a.txt /f', 'COPY --chmod=600 b.txt /f'], {
      context,
    }),
    build(
      'a file over a directory of its name',
      ['FROM scratch', 'COPY a.txt /x/a.txt/inner', 'COPY a.txt /x'],
      { context },
    ),
    build('an empty file', ['FROM scratch', 'COPY empty /'], { context: { empty: '' } }),
    build('a file longer than one block', ['FROM scratch', 'COPY big /'], {
      context: { big: 'x'.repeat(70_001) },
    }),
    build('names that begin with a dot', ['FROM scratch', 'COPY .hidden ..twice /'], {
      context: { '.hidden': '1', '..twice': '2' },
    }),
    build('names of more than 100 and 255 bytes', ['FROM scratch', `COPY . /`], {
      context: {
        [long]: 'long name',
        [`${long}-d/${long}/${long}`]: 'long path',
        link: `-> ${long}/${long}`,
      },
    }),
    build('names outside of ASCII', ['FROM scratch', 'COPY ü.txt 日本/語 /ñ/'], {
      context: { 'ü.txt': 'u', '日本/語': 'go' },
    }),
    build('names with characters of patterns and shells', ['FROM scratch', 'COPY . /'], {
      context: { 'a*b': '1', 'c?d': '2', '[e]': '3', $f: '4', "q'q": '5', 'new\nline': '6', '#h': '7' },
    }),
    build('an escaped name in the shell form', ['FROM scratch', 'COPY with\\ space /x'], {
      context: { 'with space': 'spaced' },
    }),
    build('a quoted name in the shell form', ['FROM scratch', 'COPY "with space" \'/x y\''], {
      context: { 'with space': 'spaced' },
    }),
    build('keywords in lower case', ['from scratch', 'copy a.txt /new', 'env a=b'], { context }),
    build('a socket is left out', ['FROM scratch', 'COPY . /'], {
      context: { ...context, s: { special: 'socket' } },
      differences: ['socket'],
    }),
    build('a fifo in a directory', ['FROM scratch', 'COPY . /'], {
      context: { ...context, p: { special: 'fifo' } },
    }),
    build('a whiteout name in a directory', ['FROM scratch', 'COPY . /'], {
      context: { 'a.txt': 'a', '.wh.b': 'lost' },
      differences: ['whiteout-name'],
    }),
    build(
      '--link without symbolic links',
      ['FROM scratch', 'COPY --link a.txt /x/', 'COPY --link b.txt /x/'],
      {
        context,
      },
    ),
    build(
      '--link through a symbolic link of the base',
      ['FROM bases.test/system', 'COPY --link a.txt /bin/'],
      {
        context,
        differences: ['link-resolves'],
      },
    ),
    build('--link to a directory without a slash', ['FROM bases.test/system', 'COPY --link a.txt /run'], {
      context,
      differences: ['link-resolves'],
    }),
    build('--link=false', ['FROM bases.test/system', 'COPY --link=false a.txt /run'], { context }),
  ],
}
