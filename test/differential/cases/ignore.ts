/** .dockerignore: what of the context is there at all. */
import { build, type CaseGroup } from '../case.ts'

const files = {
  'a.txt': 'a',
  'b.md': 'b',
  '.hidden': 'h',
  'dir/a.txt': 'da',
  'dir/b.md': 'db',
  'dir/sub/a.txt': 'dsa',
  'dir/sub/c': 'dsc',
  'other/a.txt': 'oa',
  'empty/': 0o755,
  'x y': 'space',
  '#hash': 'hash',
  '!bang': 'bang',
}

const rules = [
  '*.txt',
  '**/*.txt',
  'dir',
  'dir/',
  '/dir',
  'dir/*',
  'dir/**',
  '.',
  '',
  '/',
  '*\n!dir',
  '*\n!dir/sub',
  'dir\n!dir/sub/c',
  '**\n!**/*.md',
  'dir/**\n!dir/sub',
  '*\n!*.txt\n!dir/*.txt',
  '*.txt\n!a.txt',
  '!a.txt\n*.txt',
  'dir/sub/..',
  './dir',
  '../a.txt',
  'dir//sub',
  '# comment\na.txt',
  ' # no comment\na.txt',
  '\\#hash',
  '#hash',
  '!bang',
  '\\!bang',
  'x y',
  '  a.txt  ',
  'a.txt\r\nb.md\r\n',
  '\ufeffa.txt',
  '?.txt',
  '[ab].*',
  '[^a].*',
  'dir/?.txt',
  'd*/sub',
  '**/sub',
  'dir/**/c',
  '**/a.txt\n!dir/**',
  'emp*',
  '*/a.txt',
  '*/*/a.txt',
  '.*',
  '!',
  '[',
  'a.txt\\',
  'dir/sub/\n!dir/sub/c',
  'dir/***',
  'a**t',
  '.dockerignore',
  'DIR',
]

/** They leave nothing of the context. */
const everything = ['**', '*', '! a.txt\n*', '**/', '/**']

export const ignoreCases: CaseGroup = {
  name: 'ignore',
  cases: [
    ...rules.map((rule) =>
      build(`rules ${JSON.stringify(rule)}`, ['FROM scratch', 'COPY . /'], {
        context: { ...files, '.dockerignore': rule },
      }),
    ),
    ...everything.map((rule) =>
      build(`rules ${JSON.stringify(rule)}`, ['FROM scratch', 'COPY . /'], {
        context: { ...files, '.dockerignore': rule },
        differences: ['empty-layer'],
      }),
    ),
    build('an ignored file is not there', ['FROM scratch', 'COPY a.txt /'], {
      context: { ...files, '.dockerignore': 'a.txt' },
    }),
    build('a file of an ignored directory is not there', ['FROM scratch', 'COPY dir/a.txt /'], {
      context: { ...files, '.dockerignore': 'dir' },
    }),
    build('an ignored directory with something in it after all', ['FROM scratch', 'COPY dir /x'], {
      context: { ...files, '.dockerignore': 'dir\n!dir/sub/c' },
    }),
    build('an ignored directory with nothing in it', ['FROM scratch', 'COPY dir /x'], {
      context: { ...files, '.dockerignore': 'dir\n!dir/none' },
    }),
    build('an ignored directory keeps its mode', ['FROM scratch', 'COPY . /x'], {
      context: { ...files, 'dir/': 0o711, 'dir/sub/': 0o700, '.dockerignore': 'dir\n!dir/sub/c' },
    }),
    build('rules of the Dockerfile beat those of the context', ['FROM scratch', 'COPY . /'], {
      context: { ...files, '.dockerignore': 'a.txt' },
      ownIgnore: 'b.md\n',
    }),
    build('empty rules of the Dockerfile', ['FROM scratch', 'COPY . /'], {
      context: { ...files, '.dockerignore': 'a.txt' },
      ownIgnore: '',
    }),
    build('the Dockerfile in the context', ['FROM scratch', 'COPY . /'], {
      context: { ...files },
      isInContext: true,
    }),
    build('the Dockerfile is ignored', ['FROM scratch', 'COPY . /'], {
      context: { ...files, '.dockerignore': 'Dockerfile\n.dockerignore\n' },
      isInContext: true,
    }),
    build('a link to an ignored file', ['FROM scratch', 'COPY link /x'], {
      context: { link: '-> gone', gone: 'g', '.dockerignore': 'gone' },
    }),
    build('an ignored link', ['FROM scratch', 'COPY . /x'], {
      context: { link: '-> there', there: 't', '.dockerignore': 'link' },
    }),
    build('a link to a directory that is ignored in part', ['FROM scratch', 'COPY link/ /x'], {
      context: { link: '-> dir', 'dir/a': 'a', 'dir/b': 'b', '.dockerignore': 'dir/a' },
    }),
    build('a hard link whose first name is ignored', ['FROM scratch', 'COPY . /x'], {
      context: { a: 'same', b: { hardlink: 'a' }, c: { hardlink: 'a' }, '.dockerignore': 'a' },
    }),
  ],
}
