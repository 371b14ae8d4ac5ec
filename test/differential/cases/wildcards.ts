/** Patterns in sources: Go's filepath.Match, one part of the path at a time. */
import { build, type CaseGroup } from '../case.ts'

const context = {
  'a.txt': 'a',
  'b.txt': 'b',
  'ab.txt': 'ab',
  'c.md': 'c',
  '.dot.txt': 'dot',
  'x*y': 'star',
  '{a,b}': 'braces',
  'dir-1/a.txt': '1a',
  'dir-1/sub/a.txt': '1suba',
  'dir-2/a.txt': '2a',
  'dir-2/b.txt': '2b',
  'é.txt': 'e',
  'link.txt': '-> a.txt',
  'dir-link': '-> dir-1',
}

const patterns = [
  '*.txt',
  '?.txt',
  '[ab].txt',
  '[a-b].txt',
  '[^a].txt',
  '[!a].txt',
  'a*',
  '*',
  'dir-*',
  'dir-*/a.txt',
  'dir-*/*',
  '*/a.txt',
  '**/a.txt',
  'dir-1/**',
  'x\\*y',
  '{a,b}',
  '{a,b}.txt',
  '[',
  '[a',
  'a[]b',
  '[]a].txt',
  '[a-]',
  'none/*',
  'dir-?/../*.md',
  './*.md',
  '/*.md',
  '*.md/',
  'dir-1/*/a.txt',
  'dir-link/*',
  '\\a.txt',
  '?b.txt',
  '[^.]*.txt',
  '*.t[x]t',
  'dir-[12]/[ab].txt',
]

export const wildcardCases: CaseGroup = {
  name: 'wildcards',
  cases: [
    ...patterns.map((pattern) =>
      build(`COPY ${pattern}`, ['FROM scratch', `COPY ${pattern} /x/`], { context }),
    ),
    build('COPY *.none', ['FROM scratch', 'COPY *.none /x/'], { context, differences: ['empty-layer'] }),
    build('COPY x[*]y', ['FROM scratch', 'COPY x[*]y /x/'], {
      context,
      differences: ['wildcard-in-brackets'],
    }),
    build(
      'a wildcard in brackets in a stage',
      ['FROM scratch AS s', 'COPY . /', 'FROM scratch', 'COPY --from=s x[*]y /x/'],
      { context },
    ),
    build(
      'a malformed pattern in a stage',
      ['FROM scratch AS s', 'COPY . /', 'FROM scratch', 'COPY --from=s [a /x/'],
      { context },
    ),
    build(
      'a missing directory before a pattern in a stage',
      ['FROM scratch AS s', 'COPY . /', 'FROM scratch', 'COPY --from=s none/* /x/'],
      { context },
    ),
    build('one match to a name', ['FROM scratch', 'COPY c.* /name'], { context }),
    build('several matches to a name', ['FROM scratch', 'COPY [ab].txt /name'], {
      context,
      differences: ['many-to-one'],
    }),
    build('one directory matches, to a name', ['FROM scratch', 'COPY *-2 /name'], { context }),
    build('a pattern without a match beside a file', ['FROM scratch', 'COPY none* a.txt /x/'], { context }),
    build('only a pattern without a match', ['FROM scratch', 'COPY none* /x/', 'COPY none* /y'], {
      context,
      differences: ['empty-layer'],
    }),
    build('a pattern without a match to a name', ['FROM scratch', 'COPY none* /y'], {
      context,
      differences: ['empty-layer'],
    }),
    build('a pattern in the JSON form', ['FROM scratch', 'COPY ["[ab].txt", "/x/"]'], { context }),
    build('a pattern from a variable', ['FROM scratch', 'ARG p=*.md', 'COPY $p /x/'], { context }),
    build(
      'a pattern in a stage',
      ['FROM scratch AS s', 'COPY . /', 'FROM scratch', 'COPY --from=s /dir-*/a* /x/'],
      { context },
    ),
    build('an excluded file does not match', ['FROM scratch', 'COPY b* a* /x/'], {
      context: { ...context, '.dockerignore': 'a*.txt\n' },
    }),
  ],
}
