/** COPY --parents. */
import { build, type CaseGroup } from '../case.ts'

const context = {
  'a/': 0o700,
  'a/b/': 0o711,
  'a/b/f': 'f',
  'a/b/g.txt': 'g',
  'a/c/f': 'cf',
  'h.txt': 'h',
  'x/y/z/f': 'xyz',
  l: '-> a',
}

export const parentsCases: CaseGroup = {
  name: 'parents',
  cases: [
    build('a file', ['FROM scratch', 'COPY --parents a/b/f /x/'], { context }),
    build('a directory', ['FROM scratch', 'COPY --parents a/b /x/'], { context }),
    build('several', ['FROM scratch', 'COPY --parents a/b/f h.txt x/y /x/'], { context }),
    build('a pivot', ['FROM scratch', 'COPY --parents a/./b/f /x/'], { context }),
    build('a pivot at the start', ['FROM scratch', 'COPY --parents ./a/b/f /x/'], { context }),
    build('a pivot for a directory', ['FROM scratch', 'COPY --parents a/./b /x/'], { context }),
    build('a pivot with a pattern after it', ['FROM scratch', 'COPY --parents a/./*/f /x/'], { context }),
    build('a pivot with a pattern before it', ['FROM scratch', 'COPY --parents */./b/f /x/'], { context }),
    build('a pattern', ['FROM scratch', 'COPY --parents a/*/f /x/'], { context }),
    build('a pattern over levels', ['FROM scratch', 'COPY --parents **/f /x/'], { context }),
    build('a pattern over levels below', ['FROM scratch', 'COPY --parents a/** /x/'], { context }),
    build('a pattern over levels with an end', ['FROM scratch', 'COPY --parents **/*.txt /x/'], { context }),
    build('a pattern without a match', ['FROM scratch', 'COPY --parents **/none /x/'], {
      context,
    }),
    build('a missing file', ['FROM scratch', 'COPY --parents a/none /x/'], { context }),
    build('absolute', ['FROM scratch', 'COPY --parents /a/b/f /x/'], { context }),
    build('".."', ['FROM scratch', 'COPY --parents a/../h.txt /x/'], { context }),
    build('everything', ['FROM scratch', 'COPY --parents . /x/'], { context }),
    build('a star', ['FROM scratch', 'COPY --parents * /x/'], { context }),
    build('through a link', ['FROM scratch', 'COPY --parents l/b/f /x/'], { context }),
    build('a link', ['FROM scratch', 'COPY --parents l /x/'], { context }),
    build('a link to nothing', ['FROM scratch', 'COPY --parents broken /x/'], {
      context: { broken: '-> none' },
      differences: ['broken-link'],
    }),
    build('a link to itself', ['FROM scratch', 'COPY --parents loop /x/'], {
      context: { loop: '-> loop' },
      differences: ['broken-link'],
    }),
    build('links to nothing by a pattern', ['FROM scratch', 'COPY --parents * /x/'], {
      context: { broken: '-> none', loop: '-> loop' },
      differences: ['broken-link'],
    }),
    build('to a name without a slash', ['FROM scratch', 'COPY --parents a/b/f /x'], { context }),
    build('with --exclude', ['FROM scratch', 'COPY --parents --exclude=**/*.txt a /x/'], { context }),
    build('with --chown and --chmod', ['FROM scratch', 'COPY --parents --chown=5:6 --chmod=750 a/b/f /x/'], {
      context,
    }),
    build(
      'over directories that are there',
      ['FROM scratch', 'COPY h.txt /x/a/', 'COPY --parents a/b/f /x/'],
      { context },
    ),
    build(
      'from a stage',
      ['FROM scratch AS s', 'COPY . /d/', 'FROM scratch', 'COPY --from=s --parents /d/a/b/f /d/./x /x/'],
      { context },
    ),
    build('=false', ['FROM scratch', 'COPY --parents=false a/b/f /x/'], { context }),
  ],
}
