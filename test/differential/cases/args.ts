/** ARG: who sees which value, and what is there without being asked for. */
import { build, type CaseGroup } from '../case.ts'

const automatic = [
  'TARGETPLATFORM TARGETOS TARGETARCH TARGETVARIANT TARGETOSVERSION TARGETSTAGE',
  'BUILDPLATFORM BUILDOS BUILDARCH BUILDVARIANT BUILDOSVERSION',
]
  .join(' ')
  .split(' ')
const declareAll = `ARG ${automatic.join(' ')}`
const showAll = `ENV ${automatic.map((name) => `x_${name}="$${name}"`).join(' ')}`

export const argCases: CaseGroup = {
  name: 'args',
  cases: [
    build('a default', ['FROM scratch', 'ARG a=1', 'ENV x=$a']),
    build('a value from outside', ['FROM scratch', 'ARG a=1', 'ENV x=$a'], { args: { a: '2' } }),
    build('an empty value from outside', ['FROM scratch', 'ARG a=1', 'ENV x=[$a]'], { args: { a: '' } }),
    build('no value at all', ['FROM scratch', 'ARG a', 'ENV x=[$a] y=${a-unset} z=${a:-unset}']),
    build('an empty default', ['FROM scratch', 'ARG a=', 'ENV x=[$a] y=${a-unset} z=${a:-unset}']),
    build('a value from outside that no ARG takes', ['FROM scratch', 'ENV x=[$a]'], { args: { a: '2' } }),
    build('several names in one ARG', ['FROM scratch', 'ARG a=1 b c=3', 'ENV x=$a$b$c'], {
      args: { b: '2' },
    }),
    build('ARG is not in the image', ['FROM scratch', 'ARG a=1']),
    build('ARG before FROM is not seen in the stage', ['ARG a=1', 'FROM scratch', 'ENV x=[$a]']),
    build('ARG before FROM, declared again', ['ARG a=1', 'FROM scratch', 'ARG a', 'ENV x=[$a]']),
    build('ARG before FROM, declared again with a default', [
      'ARG a=1',
      'FROM scratch',
      'ARG a=2',
      'ENV x=[$a]',
    ]),
    build('ARG before FROM with a value from outside', ['ARG a=1', 'FROM scratch', 'ARG a', 'ENV x=[$a]'], {
      args: { a: '3' },
    }),
    build('a global without value', ['ARG a', 'FROM scratch', 'ARG a', 'ENV x=${a-unset}']),
    build('globals that use each other', [
      'ARG a=1',
      'ARG b=$a-$a c=${b}',
      'FROM scratch',
      'ARG b',
      'ARG c',
      'ENV x=$b y=$c',
    ]),
    build('in FROM', ['ARG name=system', 'FROM bases.test/${name} AS s', 'FROM s'], {
      args: { name: 'owners' },
    }),
    build('in FROM with a default of its own', ['FROM bases.test/${name:-owners}']),
    build('a base name that is empty', ['ARG name', 'FROM $name']),
    build('in the name of a stage', ['ARG name=s', 'FROM scratch AS $name']),
    build('ARG only in its stage', ['FROM scratch AS a', 'ARG x=1', 'FROM scratch', 'ENV y=[$x]']),
    build('ARG goes on into a child stage', ['FROM scratch AS a', 'ARG x=1', 'FROM a', 'ENV y=[$x]']),
    build('a child stage declares it again', [
      'FROM scratch AS a',
      'ARG x=1',
      'FROM a',
      'ARG x',
      'ENV y=[$x]',
    ]),
    build('a child stage with another default', [
      'FROM scratch AS a',
      'ARG x=1',
      'FROM a',
      'ARG x=2',
      'ENV y=[$x]',
    ]),
    build('ARG declared again without a default', ['FROM scratch', 'ARG a=1', 'ARG a', 'ENV x=[$a]']),
    build('ARG declared again with an empty default', ['FROM scratch', 'ARG a=1', 'ARG a=', 'ENV x=[$a]']),
    build('ENV after ARG wins', ['FROM scratch', 'ARG a=1', 'ENV a=2', 'LABEL x=$a'], { args: { a: '3' } }),
    build('ARG after ENV wins', ['FROM scratch', 'ENV a=2', 'ARG a=1', 'LABEL x=$a']),
    build('ARG after ENV without a default', ['FROM scratch', 'ENV a=2', 'ARG a', 'LABEL x=$a']),
    build('ARG after ENV with a value from outside', ['FROM scratch', 'ENV a=2', 'ARG a', 'LABEL x=$a'], {
      args: { a: '3' },
    }),
    build('ARG after an ENV of the base', [
      'FROM bases.test/configured',
      'ARG BASE=arg',
      'LABEL x=$BASE',
      'ENV y=$BASE',
    ]),
    build('ARG after an ENV of the base, with a global', [
      'ARG BASE=global',
      'FROM bases.test/configured',
      'ARG BASE',
      'LABEL x=$BASE',
    ]),
    build('ENV of the stage before against ARG', [
      'FROM scratch AS a',
      'ENV v=env',
      'FROM a',
      'ARG v=arg',
      'LABEL x=$v',
    ]),
    build('ARG seen only from where it stands', ['FROM scratch', 'ENV x=[$a]', 'ARG a=1', 'ENV y=[$a]']),
    build('a default with quotes and spaces', ['FROM scratch', 'ARG a="b c" d=\'e $f\'', 'ENV x=$a y=$d']),
    build('a value from outside is not expanded', ['FROM scratch', 'ARG a', 'ARG b=$a', 'ENV x=$a y=$b'], {
      args: { a: '$PATH "q" \\' },
    }),
    build('names of ARG in two cases', ['FROM scratch', 'ARG a=1 A=2', 'ENV x=$a y=$A']),
    build('ARG without a name', ['FROM scratch', 'ARG']),
    build('ARG with an empty name', ['FROM scratch', 'ARG =1']),
    build('ARG with a quoted pair', ['FROM scratch', 'ARG "a=b c"', 'ENV x=$a']),
    build('automatic platform arguments need ARG', [
      'FROM scratch',
      'ENV x=[$TARGETARCH] y=[$BUILDPLATFORM]',
    ]),
    build('automatic platform arguments', ['FROM scratch', declareAll, showAll]),
    build('automatic platform arguments for arm64', ['FROM scratch', declareAll, showAll], {
      platform: 'linux/arm64',
    }),
    build('automatic platform arguments for arm64/v8', ['FROM scratch', declareAll, showAll], {
      platform: 'linux/arm64/v8',
    }),
    build('automatic platform arguments for arm', ['FROM scratch', declareAll, showAll], {
      platform: 'linux/arm',
    }),
    build('automatic platform arguments for arm/v6', ['FROM scratch', declareAll, showAll], {
      platform: 'linux/arm/v6',
    }),
    build('automatic platform arguments for riscv64', ['FROM scratch', declareAll, showAll], {
      platform: 'linux/riscv64',
    }),
    build('automatic platform arguments before FROM', [
      'ARG TARGETARCH',
      'ARG x=$TARGETARCH',
      'FROM scratch',
      'ARG x',
      'ENV y=$x',
    ]),
    build(
      'automatic platform arguments in FROM',
      [
        'FROM scratch AS for-amd64',
        'ENV is=amd',
        'FROM scratch AS for-arm64',
        'ENV is=arm',
        'FROM for-$TARGETARCH',
      ],
      { platform: 'linux/arm64' },
    ),
    build('an automatic argument from outside', ['FROM scratch', 'ARG TARGETARCH', 'ENV x=$TARGETARCH'], {
      args: { TARGETARCH: 'mine' },
    }),
    build('an automatic argument with a default', [
      'FROM scratch',
      'ARG TARGETARCH=mine',
      'ENV x=$TARGETARCH',
    ]),
    build('an automatic argument with a global default', [
      'ARG TARGETARCH=mine',
      'FROM scratch',
      'ARG TARGETARCH',
      'ENV x=$TARGETARCH',
    ]),
    build(
      'TARGETSTAGE of a named stage',
      ['FROM scratch AS One', 'ARG TARGETSTAGE', 'ENV x=$TARGETSTAGE', 'FROM scratch AS two'],
      { target: 'one' },
    ),
    build('TARGETSTAGE in a stage below', [
      'FROM scratch AS one',
      'ARG TARGETSTAGE',
      'ENV x=$TARGETSTAGE',
      'FROM one AS two',
    ]),
    build('proxy arguments need no ARG', ['FROM scratch', 'ENV x=[$HTTP_PROXY] y=[$http_proxy]'], {
      args: { HTTP_PROXY: 'http://proxy', no_proxy: 'x' },
    }),
    build('proxy arguments with ARG', ['FROM scratch', 'ARG HTTP_PROXY', 'ENV x=[$HTTP_PROXY]'], {
      args: { HTTP_PROXY: 'http://proxy' },
    }),
    build('BUILDKIT_ arguments without a value', [
      'FROM scratch',
      'ARG BUILDKIT_MULTI_PLATFORM',
      'ENV x=[$BUILDKIT_MULTI_PLATFORM]',
    ]),
    build(
      'SOURCE_DATE_EPOCH as an argument',
      ['FROM scratch', 'ARG SOURCE_DATE_EPOCH', 'ENV x=[$SOURCE_DATE_EPOCH]'],
      { args: { SOURCE_DATE_EPOCH: '1000' } },
    ),
    build('SOURCE_DATE_EPOCH with a default', [
      'FROM scratch',
      'ARG SOURCE_DATE_EPOCH=77',
      'ENV x=[$SOURCE_DATE_EPOCH]',
    ]),
    build('a file of only ARG', ['ARG a=1']),
  ],
}
