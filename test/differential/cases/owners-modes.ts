/** --chown, --chmod, and the modes a context has. */
import { build, type Case, type CaseGroup } from '../case.ts'

const context = {
  file: { content: 'f', mode: 0o640 },
  tool: { content: 't', mode: 0o750 },
  'd/x': { content: 'x', mode: 0o604 },
  'd/sub/': 0o700,
  'd/sub/y': { content: 'y', mode: 0o4711 },
  'd/link': '-> x',
  'd/group/': 0o2755,
  'd/sticky/': 0o1777,
}

const owners = [
  '5',
  '5:6',
  '0',
  '0:0',
  'root',
  'root:root',
  'app',
  'app:staff',
  'app:7',
  '7:staff',
  'nogroup',
  '12',
  '5:34',
  'app:app',
  '4294967294',
  '3000000:4000000',
  '007',
  ':5',
  '5:',
  ':',
  '',
]
/** BuildKit takes what it does not know for root. */
const unknownOwners = ['a:b:c', '-1', '4294967295', '99999999999', '1.5', '0x10', 'app:4294967296']
const modes = [
  '755',
  '0755',
  '0',
  '7',
  '00755',
  '4711',
  '2755',
  '1777',
  '7777',
  '07777',
  '17777',
  '8',
  '999',
  'abc',
  '-5',
  '',
]
const symbolic = [
  '+x',
  '-w',
  '=r',
  'u+x',
  'g=u',
  'o=',
  'a+rX',
  'u=rwX,go=rX',
  'go-w',
  'ug+s',
  'u-s',
  '+t',
  'u=rw,g+w',
  'a=',
  '=',
  'u=g',
  'g=uo',
  'o+t',
  'u+t',
  'a-t',
  '-t',
  '=t',
  'o+s',
  'ugo=rwx',
  'u+xs',
  'X',
  'u',
  'u+z',
  '+',
  'u+r+w',
  'u=rw+x-w',
  'a=rx,u+w',
  'g+s,o-rwx',
  ',u+x',
  'u+x,',
  'u=go',
  'u=gr',
  'o-u',
  'go+u',
  '-X',
  '=X',
  'u=,u+X',
  '=u',
  '-rwx',
  '+st',
]

const named = (flag: string, values: readonly string[], fields: Partial<Case> = {}): Case[] =>
  values.map((value) =>
    build(`--${flag}=${value}`, ['FROM bases.test/owners', `COPY --${flag}=${value} d /n/d`], {
      context,
      ...fields,
    }),
  )

export const ownerModeCases: CaseGroup = {
  name: 'owners-modes',
  cases: [
    ...named('chown', owners),
    ...named('chown', unknownOwners, { differences: ['unknown-owner'] }),
    ...named('chmod', modes),
    ...named('chmod', symbolic),
    build('an unknown user', ['FROM bases.test/owners', 'COPY --chown=nobody file /x'], {
      context,
      differences: ['unknown-owner'],
    }),
    build('an unknown group', ['FROM bases.test/owners', 'COPY --chown=app:none file /x'], {
      context,
      differences: ['unknown-owner'],
    }),
    build('a name without a passwd file', ['FROM scratch', 'COPY --chown=app file /x'], { context }),
    build('root without a passwd file', ['FROM scratch', 'COPY --chown=root:root file /x'], { context }),
    build(
      'names of a passwd file that was copied',
      ['FROM scratch', 'COPY etc /etc/', 'COPY --chown=new:newer file /x'],
      { context: { ...context, 'etc/passwd': 'new:x:41:42::/:/\n', 'etc/group': 'newer:x:43:\n' } },
    ),
    build('a passwd file behind a link', ['FROM scratch', 'COPY etc /etc/', 'COPY --chown=new file /x'], {
      context: { ...context, 'etc/passwd': '-> real', 'etc/real': 'new:x:41:42::/:/\n' },
    }),
    build('a passwd file with odd lines', ['FROM scratch', 'COPY etc /etc/', 'COPY --chown=new file /x'], {
      context: {
        ...context,
        'etc/passwd':
          '# comment\n\nshort:x\nbad:x:one:two::/:/\n new:x:1:1::/:/\nnew:x:41:42::/:/\nnew:x:51:52::/:/',
      },
    }),
    build('--chown with a variable', ['FROM scratch', 'ARG id=77', 'COPY --chown=$id:${id}0 file /x'], {
      context,
    }),
    build('--chmod with a variable', ['FROM scratch', 'ARG m=4511', 'COPY --chmod=$m file /x'], { context }),
    build('--chown of parents that are made', ['FROM scratch', 'COPY --chown=5:6 file /a/b/c'], { context }),
    build('--chmod of parents that are made', ['FROM scratch', 'COPY --chmod=4750 file /a/b/c'], { context }),
    build(
      '--chmod with symbols of parents that are made',
      ['FROM scratch', 'COPY --chmod=u+s,go= file /a/b/c'],
      { context },
    ),
    build(
      '--chown does not touch what is there',
      ['FROM bases.test/modes', 'COPY --chown=9:9 file /owned/x', 'COPY --chown=9:9 d /sticky'],
      { context },
    ),
    build(
      '--chmod does not touch what is there',
      ['FROM bases.test/modes', 'COPY --chmod=711 file /owned/x', 'COPY --chmod=711 d /sticky'],
      { context },
    ),
    build(
      '--chmod on a file over a symbolic link',
      ['FROM bases.test/links', 'COPY --chmod=711 file /to-file'],
      { context },
    ),
    build('--chmod and --chown together', ['FROM scratch', 'COPY --chmod=6755 --chown=5:6 tool /x'], {
      context,
    }),
    build('--chmod for several sources', ['FROM scratch', 'COPY --chmod=600 file d /x/'], { context }),
    build('USER does not own what COPY brings', ['FROM bases.test/system', 'USER app', 'COPY file /x'], {
      context,
    }),
    build(
      'a file of a stage keeps its owner',
      ['FROM scratch AS a', 'COPY --chown=5:6 d /d', 'FROM scratch', 'COPY --from=a /d /e'],
      { context },
    ),
    build(
      'a directory of a stage keeps the owners below',
      ['FROM scratch AS a', 'COPY --chown=5:6 d /d/d', 'FROM scratch', 'COPY --from=a /d /e/f'],
      { context },
    ),
    build(
      '--chown on files of a stage',
      ['FROM scratch AS a', 'COPY --chown=5:6 d /d', 'FROM scratch', 'COPY --from=a --chown=7 /d /e'],
      { context },
    ),
    build(
      '--chown by name on files of a stage looks here',
      [
        'FROM bases.test/system AS a',
        'COPY d /d',
        'FROM scratch',
        'COPY etc /etc/',
        'COPY --from=a --chown=app /d /e',
      ],
      { context: { ...context, 'etc/passwd': 'app:x:41:42::/:/\n' } },
    ),
    build(
      'setuid of a stage stays',
      ['FROM scratch AS a', 'COPY --chmod=6711 tool /t', 'FROM scratch', 'COPY --from=a --chown=7 /t /t'],
      { context },
    ),
    build(
      'a setgid parent gives its group on',
      ['FROM bases.test/modes', 'COPY file /setgid/x', 'COPY file /setgid/a/b'],
      { context },
    ),
    build('--chown below a setgid parent', ['FROM bases.test/modes', 'COPY --chown=5:6 file /setgid/a/b'], {
      context,
    }),
    build('--chmod below a setgid parent', ['FROM bases.test/modes', 'COPY --chmod=700 d /setgid/a/b/'], {
      context,
    }),
    build('--chown twice', ['FROM scratch', 'COPY --chown=5 --chown=6 file /x'], { context }),
    build('an empty --chown', ['FROM scratch', 'COPY --chown= file /x'], { context }),
    build('--chown without a value', ['FROM scratch', 'COPY --chown file /x'], { context }),
  ],
}
