/** COPY --exclude. */
import { build, type CaseGroup } from '../case.ts'

const context = {
  'a.txt': 'a',
  'b.md': 'b',
  'd/a.txt': 'da',
  'd/b.md': 'db',
  'd/s/a.txt': 'dsa',
  'd/s/c': 'dsc',
  'e/': 0o700,
  l: '-> a.txt',
}
const rules = [
  '*.txt',
  '**/*.txt',
  'a.txt',
  'd',
  'd/',
  '/d',
  'd/s',
  'd/*',
  'd/**',
  '**',
  '*',
  '.',
  '!d',
  'e',
  'l',
  'none',
  '[',
  './a.txt',
  '../a.txt',
  's/c',
  '**/c',
  '[ab].*',
]

export const excludeCases: CaseGroup = {
  name: 'exclude',
  cases: [
    ...rules.map((rule) =>
      build(`--exclude=${rule} of the context`, ['FROM scratch', `COPY --exclude=${rule} . /x/`], {
        context,
      }),
    ),
    build('several', ['FROM scratch', 'COPY --exclude=*.txt --exclude=d/s . /x/'], { context }),
    build('with an exception', ['FROM scratch', 'COPY --exclude=d --exclude=!d/s/c . /x/'], { context }),
    build('with an exception first', ['FROM scratch', 'COPY --exclude=!d/s/c --exclude=d . /x/'], {
      context,
    }),
    build('relative to the source', ['FROM scratch', 'COPY --exclude=s d /x/'], { context }),
    build('not relative to the context', ['FROM scratch', 'COPY --exclude=d/s d /x/'], { context }),
    build('a file named by itself', ['FROM scratch', 'COPY --exclude=a.txt a.txt /x/'], { context }),
    build('a file found by a pattern', ['FROM scratch', 'COPY --exclude=a.txt *.* /x/'], { context }),
    build('a directory found by a pattern', ['FROM scratch', 'COPY --exclude=s d* /x/'], { context }),
    build('everything', ['FROM scratch', 'COPY --exclude=** d /x/'], { context }),
    build(
      'from a stage',
      ['FROM scratch AS s', 'COPY . /d/', 'FROM scratch', 'COPY --from=s --exclude=**/*.txt /d /x'],
      { context },
    ),
    build(
      'from a stage, absolute',
      ['FROM scratch AS s', 'COPY . /d/', 'FROM scratch', 'COPY --from=s --exclude=/d/a.txt /d /x'],
      { context },
    ),
    build('with --chmod and --chown', ['FROM scratch', 'COPY --exclude=*.md --chmod=711 --chown=5 . /x/'], {
      context,
    }),
    build(
      'an excluded directory with an exception keeps its mode',
      ['FROM scratch', 'COPY --exclude=e --exclude=!e/f . /x/'],
      { context: { 'e/': 0o700, 'e/f': 'f', 'e/g': 'g' } },
    ),
    build(
      'from a stage with links to nothing',
      ['FROM bases.test/links AS s', 'FROM scratch', 'COPY --from=s --exclude=*.txt / /'],
      { differences: ['broken-link'] },
    ),
    build('an empty pattern', ['FROM scratch', 'COPY --exclude= . /x/'], { context }),
    build('without a value', ['FROM scratch', 'COPY --exclude . /x/'], { context }),
    build('a quoted pattern', ['FROM scratch', 'COPY --exclude="*.txt" . /x/'], { context }),
  ],
}
