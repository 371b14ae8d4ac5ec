/** Symbolic and hard links, in contexts and in bases. */
import { build, type Case, type CaseGroup } from '../case.ts'

const context = {
  file: 'content',
  'dir/inner': 'inner',
  'to-file': '-> file',
  'to-dir': '-> dir',
  absolute: '-> /file',
  chain: '-> to-file',
  broken: '-> missing',
  outside: '-> ../../../../../../etc/hostname',
  escape: '-> /../../file',
  loop: '-> loop',
  'dir/up': '-> ../file',
}

/** Every link of the base as a destination, with and without a slash, for a file. */
const throughLinks: Case[] = [
  'absolute',
  'relative',
  'chain',
  'dots',
  'out',
  'to-file',
  'dangling',
  'dangling-root',
  'loop-a',
  'self',
  'real/up/real',
].flatMap((name) => [
  build(`a file to the link ${name}`, ['FROM bases.test/links', `COPY file /${name}`], { context }),
  build(`a file into the link ${name}/`, ['FROM bases.test/links', `COPY file /${name}/`], { context }),
])

export const linkCases: CaseGroup = {
  name: 'links',
  cases: [
    build('a link named by itself is followed', ['FROM scratch', 'COPY to-file /x'], { context }),
    build('a link into a directory keeps its own name', ['FROM scratch', 'COPY to-file /x/'], { context }),
    build('a link to a directory named by itself', ['FROM scratch', 'COPY to-dir /x'], { context }),
    build('a link to a directory with a slash', ['FROM scratch', 'COPY to-dir/ /x/'], { context }),
    build('below a link to a directory', ['FROM scratch', 'COPY to-dir/inner /x'], { context }),
    build('an absolute link starts at the context', ['FROM scratch', 'COPY absolute /x'], { context }),
    build('a link to a link', ['FROM scratch', 'COPY chain /x'], { context }),
    build('a link to nothing', ['FROM scratch', 'COPY broken /x'], { context }),
    build('a link out of the context', ['FROM scratch', 'COPY outside /x'], { context }),
    build('a link above the root of the context', ['FROM scratch', 'COPY escape /x'], { context }),
    build('a link to itself', ['FROM scratch', 'COPY loop /x'], { context }),
    build('links inside a directory stay links', ['FROM scratch', 'COPY . /x'], { context }),
    build('links found by a pattern', ['FROM scratch', 'COPY to-* abs* /x/'], { context }),
    build('a broken link found by a pattern', ['FROM scratch', 'COPY brok* /x/'], { context }),
    ...throughLinks,
    build('parents through links', ['FROM bases.test/links', 'COPY file /chain/deep/new/x'], { context }),
    build('parents through a file', ['FROM bases.test/links', 'COPY file /to-file/x'], { context }),
    build('a directory through a dangling link', ['FROM bases.test/links', 'COPY dir /dangling'], {
      context,
    }),
    build('a directory through a link to a file', ['FROM bases.test/links', 'COPY dir /to-file'], {
      context,
    }),
    build('the merged /bin of a system', ['FROM bases.test/system', 'COPY file /bin/tool'], { context }),
    build('/var/run of a system', ['FROM bases.test/system', 'COPY dir /var/run/secrets/x/'], { context }),
    build('several links in one path', ['FROM bases.test/system', 'COPY dir /lib/../bin/../var/run'], {
      context,
    }),
    build('a link made by an earlier COPY', ['FROM scratch', 'COPY . /c/', 'COPY file /c/to-dir/new'], {
      context,
    }),
    build('hard links of one directory', ['FROM scratch', 'COPY . /'], {
      context: { a: 'same', b: { hardlink: 'a' }, 'sub/c': { hardlink: 'a' } },
    }),
    build('hard links of two sources', ['FROM scratch', 'COPY a b /x/'], {
      context: { a: 'same', b: { hardlink: 'a' } },
    }),
    build('hard links found by a pattern', ['FROM scratch', 'COPY * /x/'], {
      context: { a: 'same', b: { hardlink: 'a' } },
    }),
    build('hard links with --chown and --chmod', ['FROM scratch', 'COPY --chown=5 --chmod=640 . /x'], {
      context: { a: 'same', b: { hardlink: 'a' } },
    }),
    build(
      'hard links from a stage',
      ['FROM bases.test/links AS a', 'COPY d /d', 'FROM scratch', 'COPY --from=a /d /'],
      {
        context: { 'd/a': 'same', 'd/b': { hardlink: 'd/a' } },
      },
    ),
    build('over one name of a hard link', ['FROM bases.test/links', 'COPY file /two'], { context }),
    build('a hard link whose other name is left out', ['FROM scratch', 'COPY d /'], {
      context: { a: 'same', 'd/b': { hardlink: 'a' } },
    }),
    build('hard links in two instructions', ['FROM scratch', 'COPY a /', 'COPY b /'], {
      context: { a: 'same', b: { hardlink: 'a' } },
    }),
  ],
}
