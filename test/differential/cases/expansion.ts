/** Variables in words: every form, every quote, every instruction that knows them. */
import { build, type Case, type CaseGroup } from '../case.ts'

/** `set` has a value, `empty` has an empty one, `unset` is not declared, `path` is something to cut. */
const variables = ['ENV set=value empty= path=/a/b.tar.gz star=a*b six=abcabc']

const forms = [
  ...['$set', '${set}', '$unset', '${unset}', '$empty', 'x${set}y', '$set$set', '$sety', '$set-y', '$set/y'],
  ...['${set:-d}', '${unset:-d}', '${empty:-d}', '${set-d}', '${unset-d}', '${empty-d}'],
  ...['${set:+d}', '${unset:+d}', '${empty:+d}', '${set+d}', '${unset+d}', '${empty+d}'],
  ...[
    '${set:?m}',
    '${unset:?m}',
    '${empty:?m}',
    '${set?m}',
    '${unset?m}',
    '${empty?m}',
    '${unset:?}',
    '${unset?}',
  ],
  ...[
    '${unset:-$set}',
    '${unset:-${set}}',
    '${unset:-${unset:-deep}}',
    '${set:+${path}}',
    '${unset:-}',
    '${unset:-a b}',
  ],
  ...[
    '${path#*/}',
    '${path##*/}',
    '${path%.*}',
    '${path%%.*}',
    '${path#/a}',
    '${path%gz}',
    '${path#x}',
    '${path##*}',
  ],
  ...[
    '${path%%*}',
    '${path#?}',
    '${path%?}',
    '${path#}',
    '${path%}',
    '${star#a\\*}',
    '${star%\\*b}',
    '${path#[/]}',
  ],
  ...['${unset#x}', '${empty%x}', '${path#$set}', '${path%.${unset:-gz}}'],
  ...[
    '${six/b/X}',
    '${six//b/X}',
    '${six/b/}',
    '${six//b}',
    '${six/z/X}',
    '${six/a?/X}',
    '${six//a*c/X}',
    '${six/#a/X}',
  ],
  ...['${six/%c/X}', '${path/\\//X}', '${path//\\//X}', '${six//b/$set}', '${unset/a/b}', '${six/\\b/X}'],
  ...[
    '${set:=d}',
    '${set:#d}',
    '${set=d}',
    '${}',
    '${set',
    '${set:',
    '${set:-',
    '$',
    'a$',
    '$$',
    '$1',
    '${1}',
    '$@',
  ],
  ...['$-', '${-}', '$?', '$!', '${set:d}', '${ set}', '${set }', '$ set', '${#set}', '${!set}', '${set^^}'],
  ...[
    '\\$set',
    "'$set'",
    '"$set"',
    '"\\$set"',
    "'\\$set'",
    '"\'$set\'"',
    '\\\\$set',
    'a\\b',
    '"a\\b"',
    "'a\\b'",
  ],
  ...['"a b"', "'a b'", 'a\\ b', '"', "'", '"a', 'a"', 'a"b"c', "a'b'c", '""', "''", '\\', 'a\\'],
  ...['"${unset:-"q"}"', '${unset:-"a b"}', "${unset:-'$set'}", '${unset:-\\}}', '{$set}', '`', '#', 'a#b'],
  ...['ü$set', '${set}é', '$setü', '%set%', '~', '*', '\\n', '\\t', '$(set)', '$((1+1))', '&&', ';'],
]

const inEnv = forms.map((form) => build(`ENV x=${form}`, ['FROM scratch', ...variables, `ENV x=${form}`]))

/** Where variables are known and where they are not. */
const places: Case[] = [
  build('in ENV names and values', ['FROM scratch', 'ARG n=name', 'ENV $n=1 x$n=$n']),
  build('in LABEL names and values', ['FROM scratch', 'ARG n=name', 'LABEL $n=1 x$n="a $n" "q $n"=\'$n\'']),
  build('in WORKDIR', ['FROM scratch', 'ARG d=/a/b', 'WORKDIR $d/c']),
  build('in USER', ['FROM scratch', 'ARG u=7', 'USER $u:${u}8']),
  build('in VOLUME', ['FROM scratch', 'ARG v="/a /b"', 'VOLUME $v /c', 'VOLUME ["$v", "/d"]']),
  build('in VOLUME with quotes', ['FROM scratch', 'ARG v=/a', 'VOLUME "$v b" \'$v\'']),
  build('in EXPOSE', ['FROM scratch', 'ARG p="80 81"', 'EXPOSE $p 82/$none']),
  build('in EXPOSE with several words', ['FROM scratch', 'ARG p="80 81/udp"', 'EXPOSE $p']),
  build('in STOPSIGNAL', ['FROM scratch', 'ARG s=SIGUSR1', 'STOPSIGNAL $s']),
  build('in ARG', ['FROM scratch', 'ARG a=1', 'ARG b=$a$a c=${b:-none}', 'ENV b=$b c=$c']),
  build('in ARG names', ['FROM scratch', 'ARG a=name', 'ARG $a=2', 'ENV got=$name']),
  build('in COPY', ['FROM scratch', 'ARG f=f t=/to', 'COPY $f ${t}/'], { context: { f: 'f' } }),
  build('in the JSON form of COPY', ['FROM scratch', 'ARG f=f t=/to', 'COPY ["$f", "${t}/"]'], {
    context: { f: 'f' },
  }),
  build('a value with spaces in COPY is one word', ['FROM scratch', 'ARG f="a b"', 'COPY $f /to/'], {
    context: { 'a b': 'ab', a: 'a', b: 'b' },
  }),
  build('a value with a quote in COPY', ['FROM scratch', "ARG f=a\\'b", 'COPY $f /to/'], {
    context: { "a'b": 'ab' },
  }),
  build('an empty variable is a source', ['FROM scratch', 'ARG f', 'COPY $f /to/'], { context: { f: 'f' } }),
  build('not in CMD and ENTRYPOINT', ['FROM scratch', 'ENV a=1', 'CMD $a', 'ENTRYPOINT ["$a", "${a}"]']),
  build('not in SHELL', ['FROM scratch', 'ENV a=1', 'SHELL ["$a", "${a}"]']),
  build('not in HEALTHCHECK', ['FROM scratch', 'ENV a=1', 'HEALTHCHECK CMD echo $a']),
  build('not in ONBUILD', ['FROM scratch', 'ENV a=1', 'ONBUILD ENV b=$a']),
  build('in MAINTAINER', ['FROM scratch', 'ENV a=1', 'MAINTAINER some $a']),
  build(
    'not in COPY --from',
    ['FROM scratch AS s', 'COPY f /', 'FROM scratch', 'ARG s=s', 'COPY --from=$s /f /'],
    {
      context: { f: 'f' },
    },
  ),
  build('not in COPY --exclude', ['FROM scratch', 'ARG e=f', 'COPY --exclude=$e . /'], {
    context: { f: 'f', g: 'g' },
  }),
  build('one ENV sees the state before it', ['FROM scratch', 'ENV a=1', 'ENV a=2 b=$a c=$b', 'ENV d=$a$b$c']),
  build('one LABEL sees no ENV of its own', ['FROM scratch', 'ENV a=1', 'LABEL a=2 b=$a']),
  build('the variables of the base', ['FROM bases.test/configured', 'ENV x=$BASE y=$EMPTY z=${ODD-none}']),
  build('PATH of nothing', ['FROM scratch', 'ENV PATH=$PATH:/x']),
  build('PATH of the base', ['FROM bases.test/configured', 'ENV PATH=/x:$PATH']),
  build('PATH taken away', ['FROM scratch', 'ENV PATH=']),
  build('HOME and other names of a shell', ['FROM scratch', 'ENV a=$HOME b=$PWD c=$USER d=$HOSTNAME']),
]

const escapes: Case[] = [
  build('the backtick as escape', ['# escape=`', 'FROM scratch', 'ENV a=`$x b=\\$PATH c="`"" d=a`', '  e=1']),
  build('a backtick that escapes in a path', ['# escape=`', 'FROM scratch', 'COPY f C:\\x'], {
    context: { f: 'f' },
  }),
  build('a backslash at the end goes on', [
    'FROM scratch',
    'ENV a=1 \\',
    '  b=2 \\',
    '# comment',
    '',
    '  c=3',
  ]),
  build('an escaped backslash at the end', ['FROM scratch', 'ENV a=1\\\\', 'ENV b=2']),
  build('spaces after the backslash', ['FROM scratch', 'ENV a=1 \\  ', '  b=2']),
  build('a line that goes on at the end of the file', ['FROM scratch', 'ENV a=1 \\']),
  build('a word that goes on', ['FROM scratch', 'ENV a=on\\', 'e b=2']),
]

const oldForms: Case[] = [
  build('the old form of ENV', ['FROM scratch', 'ENV a b c', 'ENV d   e=f  ', 'ENV g "h  i"']),
  build('the old form of ENV expands', ['FROM scratch', 'ENV a 1', 'ENV b $a \'$a\' "$a" \\$a']),
  build('ENV without a value', ['FROM scratch', 'ENV a']),
  build('ENV with an empty name', ['FROM scratch', 'ENV =b']),
  build('ENV with a name that expands to nothing', ['FROM scratch', 'ENV $a=b']),
  build('ENV with a quoted name', ['FROM scratch', 'ENV "a b"=c']),
  build('ENV with a word that is no pair', ['FROM scratch', 'ENV a=b c']),
  build('ENV with "=" in the value', ['FROM scratch', 'ENV a=b=c d="e=f"']),
  build('the old form of LABEL', ['FROM scratch', 'LABEL a b c']),
  build('ENV in another order again', ['FROM scratch', 'ENV a=1 b=2 c=3', 'ENV b=4', 'ENV d=5 a=6']),
  build('the same name twice in one ENV', ['FROM scratch', 'ENV a=1 a=2']),
]

export const expansionCases: CaseGroup = {
  name: 'expansion',
  cases: [...places, ...escapes, ...oldForms, ...inEnv],
}
