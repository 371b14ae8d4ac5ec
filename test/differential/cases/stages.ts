/** Stages: what they inherit, which are built, what --from and --target mean. */
import { build, type CaseGroup } from '../case.ts'

const context = { f: 'f', g: 'g' }
const inherited = [
  'ENV e=1',
  'LABEL l=1',
  'WORKDIR /w',
  'USER 5:6',
  'EXPOSE 80',
  'VOLUME /v',
  'STOPSIGNAL 9',
  'SHELL ["/s", "-c"]',
  'CMD cmd',
  'ENTRYPOINT ["e"]',
  'HEALTHCHECK CMD h',
  'ONBUILD ENV o=1',
  'MAINTAINER me',
  'COPY f /f',
]

export const stageCases: CaseGroup = {
  name: 'stages',
  cases: [
    build('the last stage is built', ['FROM scratch AS a', 'ENV x=a', 'FROM scratch AS b', 'ENV x=b']),
    build('--target by name', ['FROM scratch AS a', 'ENV x=a', 'FROM scratch AS b', 'ENV x=b'], {
      target: 'a',
    }),
    build('--target in another case', ['FROM scratch AS Alpha', 'ENV x=a', 'FROM scratch'], {
      target: 'aLPHA',
    }),
    build('--target by number', ['FROM scratch', 'ENV x=a', 'FROM scratch', 'ENV x=b'], { target: '0' }),
    build('--target that is not there', ['FROM scratch AS a'], { target: 'b' }),
    build('--target by a number that is not there', ['FROM scratch AS a'], { target: '7' }),
    build('--target of a stage named like a number', ['FROM scratch AS a', 'ENV x=a', 'FROM scratch AS b1'], {
      target: '1',
    }),
    build('a child has everything of its parent', ['FROM scratch AS a', ...inherited, 'FROM a', 'COPY g g'], {
      context,
    }),
    build('a new FROM starts anew', ['FROM scratch AS a', ...inherited, 'FROM scratch', 'COPY g g'], {
      context,
    }),
    build(
      'a child does not change its parent',
      [
        'FROM scratch AS a',
        'COPY f /x',
        'ENV x=a',
        'FROM a AS b',
        'COPY g /x',
        'ENV x=b',
        'FROM scratch',
        'COPY --from=a /x /a',
        'COPY --from=b /x /b',
      ],
      { context },
    ),
    build(
      'FROM with a name of a stage in capitals',
      ['FROM scratch AS One', 'ENV a=1', 'FROM ONE', 'ENV b=2'],
      { differences: ['stage-name-case'] },
    ),
    build(
      '--from with a name in capitals',
      ['FROM scratch AS one', 'COPY f /', 'FROM scratch', 'COPY --from=oNE /f /g'],
      { context },
    ),
    build(
      'a stage with a name in capitals',
      ['FROM scratch AS ONE', 'COPY f /', 'FROM one', 'COPY --from=one /f /g'],
      { context },
    ),
    build('AS in lower case', ['from scratch as a', 'copy f /', 'from a'], { context }),
    build(
      'a stage name with every allowed character',
      ['FROM scratch AS a-b_c.d9', 'COPY f /', 'FROM a-b_c.d9'],
      { context },
    ),
    build('a stage name that begins with a digit', ['FROM scratch AS 9a']),
    build('a stage name with a character that is not allowed', ['FROM scratch AS a/b']),
    build('a stage named scratch', ['FROM bases.test/owners AS scratch', 'FROM scratch', 'ENV x=1']),
    build('a stage named context', ['FROM scratch AS context', 'COPY f /', 'FROM context'], { context }),
    build('two stages of one name', [
      'FROM scratch AS a',
      'ENV x=1',
      'FROM scratch AS a',
      'ENV x=2',
      'FROM a',
    ]),
    build(
      'two stages of one name as --target',
      ['FROM scratch AS a', 'ENV x=1', 'FROM scratch AS a', 'ENV x=2', 'FROM a'],
      { target: 'a' },
    ),
    build(
      '--from of two stages of one name',
      [
        'FROM scratch AS a',
        'COPY f /x',
        'FROM scratch AS a',
        'COPY g /x',
        'FROM scratch',
        'COPY --from=a /x /',
      ],
      { context },
    ),
    build('a stage that hides an image', ['FROM scratch AS bases.test', 'ENV x=1', 'FROM bases.test']),
    build(
      '--from by number',
      [
        'FROM scratch',
        'COPY f /',
        'FROM scratch',
        'COPY g /',
        'FROM scratch',
        'COPY --from=0 / /',
        'COPY --from=1 / /',
      ],
      { context },
    ),
    build('--from of itself by number', ['FROM scratch', 'COPY --from=0 /f /'], { context }),
    build('--from of itself by name', ['FROM scratch AS a', 'COPY --from=a /f /'], { context }),
    build('--from a number that is not there', ['FROM scratch', 'COPY --from=7 /f /'], { context }),
    build(
      '--from a later stage',
      ['FROM scratch AS a', 'COPY --from=b /f /', 'FROM scratch AS b', 'COPY f /'],
      { context, target: 'a' },
    ),
    build(
      '--from a later stage by number',
      ['FROM scratch AS a', 'COPY --from=1 /f /', 'FROM scratch', 'COPY f /'],
      { context, target: 'a' },
    ),
    build(
      '--from a stage of a name that comes before and after',
      [
        'FROM scratch AS a',
        'COPY f /x',
        'FROM scratch AS b',
        'COPY --from=a /x /',
        'FROM scratch AS a',
        'COPY g /x',
      ],
      { context, target: 'b' },
    ),
    build('stages in a circle', [
      'FROM scratch AS a',
      'COPY --from=b / /',
      'FROM scratch AS b',
      'COPY --from=a / /',
    ]),
    build('FROM a later stage is an image', ['FROM later.test/none AS a', 'FROM scratch AS later.test/none']),
    build(
      'stages that nothing needs are not looked at',
      ['FROM bases.test/missing AS a', 'COPY none /', 'RUN true', 'FROM scratch', 'COPY f /'],
      { context },
    ),
    build('--from scratch', ['FROM scratch', 'COPY --from=scratch / /x']),
    build('--from the base image', ['FROM bases.test/owners AS o', 'FROM scratch', 'COPY --from=o /etc /e']),
    build('--from an image', ['FROM scratch', 'COPY --from=bases.test/owners /etc /e']),
    build('--from an image, one file', [
      'FROM scratch',
      'COPY --from=bases.test/links /to-file /x',
      'COPY --from=bases.test/links /chain/deep /y',
    ]),
    build('--from an image with links of all kinds', ['FROM scratch', 'COPY --from=bases.test/links / /x/']),
    build('--from an image with owners and modes', ['FROM scratch', 'COPY --from=bases.test/modes / /x']),
    build('--from an image with owners and --chown', [
      'FROM scratch',
      'COPY --from=bases.test/modes --chown=9:8 / /x',
    ]),
    build('--from an image with whiteouts', ['FROM scratch', 'COPY --from=bases.test/whiteouts / /x']),
    build('--from an image that is not there', ['FROM scratch', 'COPY --from=bases.test/missing / /x']),
    build(
      '--from a source that is not there',
      ['FROM scratch AS a', 'COPY f /', 'FROM scratch', 'COPY --from=a /g /x'],
      { context },
    ),
    build(
      '--from with a relative source',
      ['FROM scratch AS a', 'WORKDIR /w', 'COPY f /f', 'COPY g /w/f', 'FROM scratch', 'COPY --from=a f /x'],
      { context },
    ),
    build(
      '--from a stage that replaced a file',
      ['FROM scratch AS a', 'COPY f /x', 'COPY g /x', 'FROM scratch', 'COPY --from=a /x /'],
      { context },
    ),
    build(
      'a file of two names that are one on the host',
      ['FROM scratch AS a', 'COPY f /d/', 'COPY h /d/', 'FROM scratch', 'COPY --from=a /d /'],
      { context: { f: 'same', h: { hardlink: 'f' } } },
    ),
    build('a named context that is a folder', ['FROM scratch', 'COPY --from=other /in /'], {
      contexts: { other: { in: 'in' } },
    }),
    build('a named context with rules of its own', ['FROM scratch', 'COPY --from=other / /'], {
      contexts: { other: { in: 'in', out: 'out', '.dockerignore': 'out\n' } },
    }),
    build(
      'a named context hides a stage',
      ['FROM scratch AS other', 'COPY f /f', 'FROM scratch', 'COPY --from=other /in /'],
      { context, contexts: { other: { in: 'in' } } },
    ),
    build('a named context in another case', ['FROM scratch', 'COPY --from=OTHER /in /'], {
      contexts: { other: { in: 'in' } },
      differences: ['stage-name-case'],
    }),
    build('a named context that is an image', ['FROM scratch', 'COPY --from=other /etc/group /'], {
      contexts: { other: 'docker-image://bases.test/owners' },
    }),
    build('a named context as base', ['FROM bases.test/missing', 'ENV x=1'], {
      contexts: { 'bases.test/missing': 'docker-image://bases.test/owners' },
    }),
    build('a named context for an image with a tag', ['FROM bases.test/missing:1.0', 'ENV x=1'], {
      contexts: { 'bases.test/missing:1.0': 'docker-image://bases.test/owners' },
    }),
    build('a named context for the latest of an image', ['FROM bases.test/missing', 'ENV x=1'], {
      contexts: { 'bases.test/missing:latest': 'docker-image://bases.test/owners' },
    }),
    build('a folder as base', ['FROM other', 'COPY f /'], {
      context,
      contexts: { other: { in: 'in', d: '-> in' } },
    }),
    build(
      'a named context for a stage that is the base',
      ['FROM bases.test/missing AS other', 'ENV x=1', 'FROM other', 'ENV y=1'],
      { contexts: { other: 'docker-image://bases.test/owners' } },
    ),
  ],
}
