/** COPY of directories: their contents go, never they themselves. */
import { build, type CaseGroup } from '../case.ts'

const context = {
  'd/': 0o700,
  'd/one': '1',
  'd/sub/': 0o711,
  'd/sub/two': { content: '2', mode: 0o600 },
  'd/empty/': 0o750,
  'e/sub/': 0o755,
  'e/sub/three': '3',
  'e/one': 'other 1',
  f: 'f',
}

export const copyDirectoryCases: CaseGroup = {
  name: 'copy-directories',
  cases: [
    build('the contents of a directory', ['FROM scratch', 'COPY d /x'], { context }),
    build('a slash at the end of the source', ['FROM scratch', 'COPY d/ /x'], { context }),
    build('a slash at both ends', ['FROM scratch', 'COPY d/ /x/'], { context }),
    build('into the root', ['FROM scratch', 'COPY d /'], { context }),
    build('the whole context', ['FROM scratch', 'COPY . /'], { context }),
    build('the whole context as "/"', ['FROM scratch', 'COPY / /x'], { context }),
    build('the whole context as ".."', ['FROM scratch', 'COPY .. /x'], { context }),
    build('a directory that is made gets 0755, not the mode of the source', ['FROM scratch', 'COPY d /x/y'], {
      context,
    }),
    build('a directory that is there keeps its own mode', ['FROM bases.test/modes', 'COPY d /owned'], {
      context,
    }),
    build('directories below get the mode of the source', ['FROM bases.test/modes', 'COPY d /owned'], {
      context: { 'd/inner/': 0o777, 'd/inner/x': 'x' },
    }),
    build('two directories into one', ['FROM scratch', 'COPY d e /x/'], { context }),
    build('a directory and a file', ['FROM scratch', 'COPY d f /x/'], { context }),
    build('a directory and a file without a slash', ['FROM scratch', 'COPY d f /x'], { context }),
    build('a directory over an earlier one', ['FROM scratch', 'COPY d /x', 'COPY e /x'], { context }),
    build('a directory to a file', ['FROM scratch', 'COPY f /x', 'COPY d /x'], { context }),
    build('a directory over a file below', ['FROM scratch', 'COPY f /x/sub', 'COPY d /x'], { context }),
    build('a file over a directory below', ['FROM scratch', 'COPY d /x/one', 'COPY d /x'], { context }),
    build('an empty directory', ['FROM scratch', 'COPY d/empty /x'], { context }),
    build('an empty directory inside', ['FROM scratch', 'COPY d /x/'], { context: { 'd/only/': 0o711 } }),
    build('an empty context', ['FROM scratch', 'COPY . /x'], {}),
    build('nothing into the root', ['FROM scratch', 'COPY d/empty /'], {
      context,
      differences: ['empty-layer'],
    }),
    build('bits above the permissions', ['FROM scratch', 'COPY d /'], {
      context: {
        'd/t/': 0o1777,
        'd/g/': 0o2755,
        'd/g/x': { content: 'x', mode: 0o2755 },
        'd/u': { content: 'u', mode: 0o4755 },
        'd/all': { content: 'all', mode: 0o7777 },
        'd/none': { content: 'none', mode: 0o000 },
      },
    }),
    build(
      'a directory to itself from the stage before',
      ['FROM scratch AS a', 'COPY d /d', 'FROM a', 'COPY --from=a /d /d'],
      { context },
    ),
    build('made in a directory that gives its group on', ['FROM bases.test/modes', 'COPY d /setgid/x/y/'], {
      context,
    }),
    build('contents into a directory that gives its group on', ['FROM bases.test/modes', 'COPY d /setgid'], {
      context,
    }),
    build(
      'the destination of a directory is a symbolic link to one',
      ['FROM bases.test/links', 'COPY d /chain'],
      {
        context,
      },
    ),
    build('a directory over a symbolic link below', ['FROM bases.test/links', 'COPY d /'], {
      context: { 'd/absolute/x': 'x' },
    }),
    build('a file over a symbolic link below', ['FROM bases.test/links', 'COPY d /'], {
      context: { 'd/to-file': 'replaces the link' },
    }),
    build('a symbolic link over a file below', ['FROM bases.test/links', 'COPY d /'], {
      context: { 'd/one': '-> two' },
    }),
    build('a symbolic link over a directory below', ['FROM bases.test/links', 'COPY d /'], {
      context: { 'd/real': '-> two' },
    }),
    build('a symbolic link over a symbolic link below', ['FROM bases.test/links', 'COPY d /'], {
      context: { 'd/chain': '-> elsewhere', 'd/loop-a': '-> elsewhere' },
    }),
    build('many levels', ['FROM scratch', 'COPY . /'], {
      context: { 'a/b/c/d/e/f/g/h/i/j': 'deep', 'a/b/c/x': 'x' },
    }),
    build('names in the order of bytes', ['FROM scratch', 'COPY . /'], {
      context: { a: '1', 'a-b': '2', 'a.b/': 0o755, 'a.b/c': '3', B: '4', é: '5', z: '6' },
    }),
  ],
}
