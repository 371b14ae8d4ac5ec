/**
 * Dockerfiles and what lint finds in them: `Rule line`, in the order of the file. src/dockerfile/lint/lint.test.ts
 * compares with our lint, test/integration/lint-oracle.test.ts with a real BuildKit.
 */

export interface LintCase {
  readonly title: string
  readonly text: string
  readonly expected: readonly string[]
  readonly buildArgs?: Readonly<Record<string, string>>
  readonly target?: string
  /** text of a .dockerignore */
  readonly ignore?: string
  /** part of the reason why no build can begin */
  readonly failure?: string
  /** why BuildKit finds something else */
  readonly ours?: string
}

export const lintCases: readonly LintCase[] = [
  { title: 'a clean file', text: 'FROM scratch\nCOPY a /a\nCMD ["/a"]', expected: [] },

  {
    title: 'StageNameCasing',
    text: 'FROM scratch AS Build\nFROM scratch as b',
    expected: ['StageNameCasing 1', 'FromAsCasing 2'],
  },
  {
    title: 'FromAsCasing upper',
    text: 'FROM scratch as b\nFROM scratch As c\nFROM scratch AS d',
    expected: ['FromAsCasing 1', 'FromAsCasing 2'],
  },
  {
    title: 'FromAsCasing lower',
    text: 'from scratch AS b\nfrom scratch As c\nfrom scratch as d',
    expected: ['FromAsCasing 1', 'FromAsCasing 2'],
  },
  {
    title: 'FromAsCasing mixed FROM',
    text: 'From scratch as b',
    expected: ['ConsistentInstructionCasing 1'],
  },
  {
    title: 'casing over a continuation',
    text: 'FROM scratch \\\n  as \\\n  Build',
    expected: ['FromAsCasing 1', 'StageNameCasing 3'],
  },

  {
    title: 'NoEmptyContinuation',
    text: 'FROM scratch\nCOPY a \\\n\n# comment\n\n  /a\nENV a=1 \\\n\n  b=2',
    expected: ['NoEmptyContinuation 3', 'NoEmptyContinuation 8'],
  },
  { title: 'a comment in a continuation', text: 'FROM scratch\nCOPY a \\\n# comment\n  /a', expected: [] },

  {
    title: 'casing, mostly upper',
    text: 'FROM scratch\nCopy a /a\ncmd ["/a"]\nENV a=1',
    expected: ['ConsistentInstructionCasing 2', 'ConsistentInstructionCasing 3'],
  },
  {
    title: 'casing, mostly lower',
    text: 'from scratch\ncopy a /a\nCMD ["/a"]',
    expected: ['ConsistentInstructionCasing 3'],
  },
  { title: 'casing, a draw', text: 'from scratch\nCMD ["/a"]', expected: ['ConsistentInstructionCasing 1'] },
  { title: 'casing, global ARG does not count', text: 'arg A=1\nFROM scratch\nCMD ["/a"]', expected: [] },
  {
    title: 'casing, mixed only',
    text: 'From scratch\nCmd ["/a"]',
    expected: ['ConsistentInstructionCasing 1', 'ConsistentInstructionCasing 2'],
  },

  {
    title: 'DuplicateStageName',
    text: 'FROM scratch AS a\nFROM scratch AS A\nFROM scratch AS a',
    expected: ['DuplicateStageName 2', 'StageNameCasing 2', 'DuplicateStageName 3'],
  },
  {
    title: 'ReservedStageName',
    text: 'FROM scratch AS scratch\nFROM scratch AS context\nFROM scratch AS Context',
    expected: [
      'ReservedStageName 1',
      'ReservedStageName 2',
      'DuplicateStageName 3',
      'ReservedStageName 3',
      'StageNameCasing 3',
    ],
  },

  {
    title: 'JSONArgsRecommended',
    text: 'FROM scratch\nCMD a\nENTRYPOINT b c',
    expected: ['JSONArgsRecommended 2', 'JSONArgsRecommended 3'],
  },
  {
    title: 'JSONArgsRecommended empty',
    text: 'FROM scratch\nCMD\nENTRYPOINT []',
    expected: ['JSONArgsRecommended 2'],
  },
  {
    title: 'JSONArgsRecommended after SHELL',
    text: 'FROM scratch AS a\nSHELL ["/bin/sh","-c"]\nCMD a\nFROM a\nENTRYPOINT b\nFROM scratch\nCMD c',
    expected: ['JSONArgsRecommended 7'],
  },
  {
    title: 'JSON-like shell form',
    text: "FROM scratch\nCMD ['a']\nRUN ['x']",
    expected: ['JSONArgsRecommended 2', 'SlipwayJsonForm 2', 'SlipwayJsonForm 3'],
    ours: 'SlipwayJsonForm is ours',
  },
  { title: 'HEALTHCHECK in shell form', text: 'FROM scratch\nHEALTHCHECK CMD a', expected: [] },

  {
    title: 'MaintainerDeprecated',
    text: 'FROM scratch\nMAINTAINER me\n# check=skip=MaintainerDeprecated\nMAINTAINER you',
    expected: ['MaintainerDeprecated 2'],
  },

  {
    title: 'a variable in a stage name',
    text: 'ARG VERSION=1\nFROM scratch AS s$VERSION\n',
    expected: [],
    failure: 'stage name',
    ours: 'what cannot be parsed is not linted',
  },
  {
    title: 'UndefinedArgInFrom with a suggestion',
    text: 'ARG NAME=scratch\nFROM ${NAMES:-scratch}\nFROM ${OTHER:-scratch}\nFROM $NAME',
    expected: ['UndefinedArgInFrom 2', 'UndefinedArgInFrom 3'],
  },
  {
    title: 'UndefinedArgInFrom in the platform',
    text: 'FROM --platform=${TARGETPLATFROM:-linux/amd64} scratch',
    expected: ['UndefinedArgInFrom 1'],
  },
  { title: 'a global ARG without a value', text: 'ARG NAME\nFROM ${NAME:-scratch}', expected: [] },
  {
    title: 'a global ARG given',
    text: 'ARG NAME\nFROM $NAME',
    buildArgs: { NAME: 'scratch' },
    expected: ['InvalidDefaultArgInFrom 2'],
  },
  {
    title: 'platform arguments in FROM',
    text: 'FROM ${TARGETVARIANT:-scratch}\nFROM ${BUILDVARIANT:-scratch}',
    expected: [],
  },

  {
    title: 'UndefinedVar',
    text: 'FROM scratch\nENV a=1\nCOPY $b /$a\nWORKDIR /$c\nLABEL l=$d\nUSER $e\nVOLUME $f/x\nSTOPSIGNAL ${g:-9}',
    expected: [
      'UndefinedVar 3',
      'UndefinedVar 4',
      'UndefinedVar 5',
      'UndefinedVar 6',
      'UndefinedVar 7',
      'UndefinedVar 8',
    ],
  },
  {
    title: 'UndefinedVar with a suggestion',
    text: 'FROM scratch\nARG VERSION=1\nLABEL v=$VERSIO w=$VERSON x=$VRSN y=$V',
    expected: ['UndefinedVar 3', 'UndefinedVar 3', 'UndefinedVar 3', 'UndefinedVar 3'],
  },
  {
    title: 'UndefinedVar, declared without a value',
    text: 'FROM scratch\nARG VERSION\nLABEL v=$VERSION',
    expected: [],
  },
  {
    title: 'UndefinedVar, a global is not in scope',
    text: 'ARG VERSION=1\nFROM scratch\nLABEL v=$VERSION\nARG VERSION\nLABEL w=$VERSION',
    expected: ['UndefinedVar 3'],
  },
  {
    title: 'UndefinedVar, PATH is always there',
    text: 'FROM scratch\nENV PATH=/x:$PATH H=$HOME',
    expected: ['UndefinedVar 2'],
  },
  {
    title: 'UndefinedVar, forms of substitution',
    text: 'FROM scratch\nENV a=${x:-1} b=${y-1} c=${z:+1} d=${u+1} e=${v#a} f=${w%a} g=${t/a/b}',
    expected: [
      'UndefinedVar 2',
      'UndefinedVar 2',
      'UndefinedVar 2',
      'UndefinedVar 2',
      'UndefinedVar 2',
      'UndefinedVar 2',
      'UndefinedVar 2',
    ],
  },
  {
    title: 'UndefinedVar, nested',
    text: 'FROM scratch\nENV a=${x:-$y}\nENV b=${x:-${a}}',
    expected: ['UndefinedVar 2', 'UndefinedVar 2', 'UndefinedVar 3'],
  },
  {
    title: 'UndefinedVar in quotes',
    text: 'FROM scratch\nENV a=\'$x\' b="$y" c=\\$z',
    expected: ['UndefinedVar 2'],
  },
  {
    title: 'UndefinedVar in the same ENV',
    text: 'FROM scratch\nENV a=1 b=$a\nENV c=$a',
    expected: ['UndefinedVar 2'],
  },
  {
    title: 'UndefinedVar in the same ARG',
    text: 'FROM scratch\nARG a=1 b=$a c=$d',
    expected: ['UndefinedVar 2'],
  },
  {
    title: 'UndefinedVar, ARG given',
    text: 'FROM scratch\nARG a=$b\nARG c=$d',
    buildArgs: { a: '1' },
    expected: ['UndefinedVar 3'],
  },
  {
    title: 'UndefinedVar in a here-document',
    text: 'FROM scratch\nCOPY <<E <<\'F\' /\nx=$x "$y"\nE\n$z\nF',
    expected: ['UndefinedVar 2', 'UndefinedVar 2'],
  },
  {
    title: 'UndefinedVar in RUN',
    text: 'FROM scratch\nRUN echo $x\nRUN --mount=type=cache,target=/$y true',
    expected: ['UndefinedVar 3'],
  },
  {
    title: 'UndefinedVar in --chown and --chmod',
    text: 'FROM scratch\nCOPY --chown=$o --chmod=${m:-644} a /a',
    expected: ['UndefinedVar 2', 'UndefinedVar 2'],
  },
  { title: 'UndefinedVar in --exclude', text: 'FROM scratch\nCOPY --exclude=$x a /a', expected: [] },
  {
    title: 'UndefinedVar not in CMD, ENTRYPOINT, HEALTHCHECK, EXPOSE',
    text: 'FROM scratch\nCMD ["$a"]\nENTRYPOINT ["$b"]\nHEALTHCHECK CMD $c\nEXPOSE $d',
    expected: [],
  },
  {
    title: 'UndefinedVar through stages',
    text: 'FROM scratch AS a\nENV x=1\nARG yyy=2\nFROM a AS b\nLABEL l=$x$yyy$zz\nFROM scratch\nLABEL l=$x',
    expected: ['UndefinedVar 5', 'UndefinedVar 7'],
  },
  { title: 'UndefinedVar, ENV name', text: 'FROM scratch\nENV $n=1', expected: ['UndefinedVar 2'] },
  {
    title: 'proxy arguments are not variables',
    text: 'FROM scratch\nENV p=$HTTP_PROXY',
    expected: ['UndefinedVar 2'],
  },
  {
    title: 'undefined variables over lines',
    text: 'FROM scratch\nENV a=1 \\\n  b=$x \\\n  c=$y',
    expected: ['UndefinedVar 3', 'UndefinedVar 4'],
  },
  {
    title: 'SBOM arguments are not missed',
    text: 'FROM scratch\nENV a=$BUILDKIT_SBOM_SCAN_STAGE',
    expected: [],
  },
  {
    title: 'windows escapes',
    text: '# escape=`\nFROM scratch\nENV a=`$x b=$y',
    expected: ['UndefinedVar 3'],
  },

  {
    title: 'WorkdirRelativePath',
    text: 'FROM scratch AS a\nWORKDIR a\nWORKDIR b\nFROM a\nWORKDIR c\nFROM scratch\nWORKDIR /x\nWORKDIR y',
    expected: ['WorkdirRelativePath 2'],
  },
  {
    title: 'WorkdirRelativePath by a variable',
    text: 'FROM scratch\nENV a=/x b=y\nWORKDIR $b\nFROM scratch\nENV a=/x\nWORKDIR $a',
    expected: ['WorkdirRelativePath 3'],
  },

  {
    title: 'MultipleInstructionsDisallowed',
    text: 'FROM scratch\nCMD ["a"]\nCMD ["b"]\nENTRYPOINT ["a"]\nENTRYPOINT ["b"]\nENTRYPOINT ["c"]\nHEALTHCHECK NONE\nHEALTHCHECK CMD ["x"]',
    expected: [
      'MultipleInstructionsDisallowed 2',
      'MultipleInstructionsDisallowed 4',
      'MultipleInstructionsDisallowed 5',
      'MultipleInstructionsDisallowed 7',
    ],
  },
  {
    title: 'MultipleInstructionsDisallowed not over stages',
    text: 'FROM scratch AS a\nCMD ["a"]\nFROM a\nCMD ["b"]',
    expected: [],
  },
  {
    title: 'MultipleInstructionsDisallowed is skipped at the later one',
    text: 'FROM scratch\nCMD ["a"]\n# check=skip=MultipleInstructionsDisallowed\nCMD ["b"]\n# check=skip=MultipleInstructionsDisallowed\nENTRYPOINT ["a"]\nENTRYPOINT ["b"]',
    expected: ['MultipleInstructionsDisallowed 6'],
  },

  {
    title: 'LegacyKeyValueFormat',
    text: 'FROM scratch\nENV a b\nLABEL c d e\nENV f=g',
    expected: ['LegacyKeyValueFormat 2', 'LegacyKeyValueFormat 3'],
  },

  {
    title: 'RedundantTargetPlatform',
    text: 'FROM --platform=$TARGETPLATFORM scratch\nFROM --platform=${TARGETPLATFORM} scratch\nFROM --platform=$BUILDPLATFORM scratch\nFROM --platform=${TARGETPLATFORM:-linux/amd64} scratch',
    expected: ['RedundantTargetPlatform 1', 'RedundantTargetPlatform 2', 'RedundantTargetPlatform 4'],
  },
  {
    title: 'FromPlatformFlagConstDisallowed',
    text: 'FROM --platform=linux/amd64 scratch\nFROM --platform=linux/arm64 scratch AS arm64-build\nFROM --platform=linux/amd64 scratch AS for-linux\nFROM --platform=arm64 scratch AS x\nFROM --platform=linux/x86_64 scratch AS amd64',
    expected: ['FromPlatformFlagConstDisallowed 1', 'FromPlatformFlagConstDisallowed 4'],
  },

  {
    title: 'SecretsUsedInArgOrEnv',
    text: 'ARG TOKEN=1\nFROM scratch\nARG TOKEN API_KEY\nENV PASSWORD=1 my_secret=2 KEYS=3 PUBLIC_KEY=4 KEY_FILE=5 monkey=6 AUTH_URL=7 apikey=8\nENV token x',
    expected: [
      'SecretsUsedInArgOrEnv 3',
      'SecretsUsedInArgOrEnv 3',
      'SecretsUsedInArgOrEnv 4',
      'SecretsUsedInArgOrEnv 4',
      'SecretsUsedInArgOrEnv 4',
      'SecretsUsedInArgOrEnv 4',
      'LegacyKeyValueFormat 5',
      'SecretsUsedInArgOrEnv 5',
    ],
  },
  {
    title: 'SecretsUsedInArgOrEnv, name by a variable',
    text: 'FROM scratch\nENV a=TOKEN\nENV $a=1',
    expected: ['SecretsUsedInArgOrEnv 3'],
  },

  {
    title: 'InvalidDefaultArgInFrom',
    text: 'ARG IMAGE\nARG TAG=\nFROM $IMAGE\nFROM scratch:$TAG\nFROM scratch',
    buildArgs: { IMAGE: 'scratch', TAG: 'x' },
    expected: ['InvalidDefaultArgInFrom 3', 'InvalidDefaultArgInFrom 4'],
  },
  {
    title: 'InvalidDefaultArgInFrom, only names',
    text: 'ARG A\nARG B=Upper\nFROM ${A} AS a\nFROM ${B}\nFROM ${CCCC:-scratch}',
    buildArgs: { A: 'scratch', B: 'scratch' },
    expected: ['InvalidDefaultArgInFrom 3', 'InvalidDefaultArgInFrom 4', 'UndefinedArgInFrom 5'],
  },

  {
    title: 'CopyIgnoredFile in two stages',
    text: 'FROM scratch AS s\nCOPY a /a\nCOPY b/c d /x/\nADD a e/../a /y/\nFROM scratch\nCOPY --from=s a /z\nCOPY . /all\nCOPY /a /b\nCOPY *.md /m\nCOPY ./a/ b /q',
    ignore: 'a\nb\n*.md\n',
    expected: [
      'CopyIgnoredFile 2',
      'CopyIgnoredFile 3',
      'CopyIgnoredFile 4',
      'CopyIgnoredFile 9',
      'CopyIgnoredFile 10',
      'CopyIgnoredFile 10',
    ],
  },
  {
    title: 'CopyIgnoredFile, everything',
    text: 'FROM scratch\nCOPY . /\nCOPY / /\nCOPY a /\nCOPY a/b /',
    ignore: '*',
    expected: ['CopyIgnoredFile 2', 'CopyIgnoredFile 3', 'CopyIgnoredFile 4', 'CopyIgnoredFile 5'],
  },
  {
    title: 'CopyIgnoredFile, everything below',
    text: 'FROM scratch\nCOPY . /\nCOPY a /',
    ignore: '**/*',
    expected: ['CopyIgnoredFile 2', 'CopyIgnoredFile 3'],
  },
  {
    title: 'CopyIgnoredFile with exceptions',
    text: 'FROM scratch\nCOPY a /\nCOPY b /',
    ignore: 'a\n!a/b',
    expected: [],
  },
  {
    title: 'CopyIgnoredFile by a variable',
    text: 'FROM scratch\nARG f=a\nCOPY $f /',
    ignore: 'a',
    expected: ['CopyIgnoredFile 3'],
  },

  {
    title: 'InvalidDefinitionDescription is off',
    text: '# a comment\nARG x=1\n# other\nFROM scratch AS s',
    expected: [],
  },
  {
    title: 'InvalidDefinitionDescription',
    text: '# check=experimental=InvalidDefinitionDescription\n# comment\nARG x=1\n# x says\nARG x=1\n# other\nFROM scratch AS s\n# s says\nFROM scratch AS s2\n\n# what\n\nARG y z\n# no\n#\nARG q',
    expected: [
      'InvalidDefinitionDescription 3',
      'InvalidDefinitionDescription 7',
      'InvalidDefinitionDescription 9',
      'InvalidDefinitionDescription 13',
    ],
  },
  {
    title: 'InvalidDefinitionDescription, all',
    text: '# check=experimental=all\n# comment\nARG x y\nFROM scratch',
    expected: ['InvalidDefinitionDescription 3'],
  },
  {
    title: 'experimental is not skipped',
    text: '# check=skip=InvalidDefinitionDescription;experimental=InvalidDefinitionDescription\n# comment\nARG x\nFROM scratch',
    expected: ['InvalidDefinitionDescription 3'],
  },

  {
    title: 'ExposeProtoCasing',
    text: 'FROM scratch\nEXPOSE 80/TCP 81/udp 82/Sctp 83',
    expected: ['ExposeProtoCasing 2', 'ExposeProtoCasing 2'],
  },
  {
    title: 'ExposeInvalidFormat',
    text: 'FROM scratch\nEXPOSE 80:80 127.0.0.1:80:81/TCP 90-91 :92',
    expected: ['ExposeInvalidFormat 2', 'ExposeInvalidFormat 2', 'ExposeProtoCasing 2'],
  },
  {
    title: 'EXPOSE by a variable',
    text: 'FROM scratch\nARG p="80/TCP 81:82"\nEXPOSE $p',
    expected: ['ExposeInvalidFormat 3', 'ExposeProtoCasing 3'],
  },

  {
    title: 'skip by name',
    text: '# check=skip=JSONArgsRecommended,UndefinedVar\nFROM scratch\nCMD $a\nLABEL x=$b\nMAINTAINER me',
    expected: ['MaintainerDeprecated 5'],
  },
  { title: 'skip all', text: '# check=skip=all\nFROM scratch\nCMD $a\nMAINTAINER me', expected: [] },
  {
    title: 'skip for one instruction',
    text: 'FROM scratch\n# check=skip=all\nCMD a\n# check=skip=JSONArgsRecommended\nENTRYPOINT b\nWORKDIR c',
    expected: ['WorkdirRelativePath 6'],
  },
  {
    title: 'skip for a stage line',
    text: 'FROM scratch AS a\n# check=skip=StageNameCasing,DuplicateStageName\nFROM scratch AS A',
    expected: ['DuplicateStageName 3'],
  },
  {
    title: 'check with blanks',
    text: '# check = skip=JSONArgsRecommended\nFROM scratch\nCMD a',
    expected: [],
  },
  {
    title: 'check is cut at a blank',
    text: '# check=skip=JSONArgsRecommended,MaintainerDeprecated ;error=true\nFROM scratch\nCMD a',
    expected: [],
  },
  {
    title: 'check after another directive',
    text: '# escape=`\n# check=skip=all\nFROM scratch\nCMD a',
    expected: [],
  },
  {
    title: 'an empty line does not end a check comment',
    text: 'FROM scratch\n# check=skip=all\n\nCMD a\nENTRYPOINT b',
    expected: ['JSONArgsRecommended 5'],
  },
  {
    title: 'error=true',
    text: '# check=error=true\nFROM scratch\nCMD a',
    expected: ['JSONArgsRecommended 3'],
  },
  {
    title: 'wrong check option',
    text: '# check=skp=all\nFROM scratch\nCMD a',
    expected: [],
    failure: 'check',
  },
  {
    title: 'wrong check option for one instruction',
    text: 'FROM scratch\n# check=skp=all\nCMD a',
    expected: ['JSONArgsRecommended 3'],
  },
  {
    title: 'check by a build argument',
    text: '# check=skip=all\nFROM scratch\nCMD a',
    buildArgs: { BUILDKIT_DOCKERFILE_CHECK: 'skip=MaintainerDeprecated' },
    expected: ['JSONArgsRecommended 3'],
  },

  {
    title: 'all stages without a target',
    text: 'FROM scratch AS a\nCMD a\nFROM scratch AS b\nCMD b',
    expected: ['JSONArgsRecommended 2', 'JSONArgsRecommended 4'],
  },
  {
    title: 'only what the target needs',
    text: 'FROM scratch AS a\nCMD a\nFROM scratch AS b\nCMD b\nMAINTAINER me\nFROM scratch AS Cc\nCOPY --from=a x /x\nFROM cc AS d\nCMD c',
    target: 'd',
    expected: [
      'JSONArgsRecommended 2',
      'MaintainerDeprecated 5',
      'StageNameCasing 6',
      'JSONArgsRecommended 9',
    ],
  },
  {
    title: 'a target by --mount',
    text: 'FROM scratch AS a\nCMD a\nFROM scratch AS b\nRUN --mount=from=a,target=/a true',
    target: 'b',
    expected: ['JSONArgsRecommended 2'],
  },
  { title: 'an unknown target', text: 'FROM scratch AS a\nCMD a', target: 'zz', expected: [], failure: 'zz' },

  {
    title: 'ONBUILD itself',
    text: 'FROM scratch\nONBUILD CMD a\nONBUILD COPY $x /\nONBUILD MAINTANER me',
    expected: ['SlipwayOnbuildUnknown 4'],
    ours: 'SlipwayOnbuildUnknown is ours',
  },
  {
    title: 'ONBUILD in the next stage',
    text: 'FROM scratch AS a\nONBUILD CMD a\nONBUILD LABEL l=$x\nFROM a AS b\nFROM b',
    expected: ['JSONArgsRecommended 4', 'UndefinedVar 4'],
  },
  { title: 'ARG before FROM out of order', text: 'ENV a=1\nFROM scratch', expected: [], failure: 'FROM' },
  {
    title: 'a variable that must be set',
    text: 'FROM scratch\nENV a=${x:?no}\nCMD b',
    expected: ['JSONArgsRecommended 3'],
    failure: 'x: no',
    ours: 'the failure says it, and lint goes on',
  },
  {
    title: 'carriage returns and a byte order mark',
    text: '\uFEFFFROM scratch\r\nCMD a\r\n',
    expected: ['JSONArgsRecommended 2'],
  },
  {
    title: 'an ignored flag',
    text: 'FROM scratch\nSTOPSIGNAL --x 9',
    expected: ['SlipwayFlagIgnored 2'],
    ours: 'SlipwayFlagIgnored is ours',
  },
  {
    title: 'numeric user',
    text: '# check=experimental=SlipwayNumericUser\nFROM scratch\nUSER 1\nFROM scratch\nUSER nobody',
    expected: ['SlipwayNumericUser 5'],
    ours: 'SlipwayNumericUser is ours',
  },
]
