/** ONBUILD: triggers that are kept, and triggers of a base that run. */
import { build, type CaseGroup } from '../case.ts'

const context = { 'trigger.txt': 'triggered', f: 'f' }

export const onbuildCases: CaseGroup = {
  name: 'onbuild',
  cases: [
    build('triggers are kept as they are', [
      'FROM scratch',
      'ONBUILD COPY  a   b',
      'ONBUILD run echo $x',
      'ONBUILD ENV a=$b',
    ]),
    build('triggers of the base run and are gone', ['FROM bases.test/onbuild', 'ENV after=$FLAVOUR'], {
      context,
    }),
    build('triggers take build arguments', ['FROM bases.test/onbuild'], {
      context,
      args: { FLAVOUR: 'sweet' },
    }),
    build('triggers take global arguments', ['ARG FLAVOUR=global', 'FROM bases.test/onbuild'], { context }),
    build(
      'triggers run before the stage',
      ['FROM bases.test/onbuild', 'COPY f trigger.txt', 'LABEL by=stage'],
      { context },
    ),
    build('new triggers beside those that ran', ['FROM bases.test/onbuild', 'ONBUILD ENV x=1'], { context }),
    build(
      'triggers of a parent stage run',
      ['FROM scratch AS a', 'ONBUILD COPY f /by-trigger', 'ONBUILD ENV x=1', 'FROM a', 'ENV y=$x'],
      { context },
    ),
    build(
      'triggers of a parent stage do not run twice',
      ['FROM scratch AS a', 'ONBUILD ENV x=1', 'FROM a AS b', 'FROM b'],
      { context },
    ),
    build('a trigger fails', ['FROM bases.test/onbuild'], { context: {} }),
    build('a trigger with a multi-line text', ['FROM scratch', 'ONBUILD ENV a=1 \\', '  b=2']),
    build('ONBUILD ONBUILD', ['FROM scratch', 'ONBUILD ONBUILD ENV a=1']),
    build('ONBUILD FROM', ['FROM scratch', 'ONBUILD FROM x']),
    build('ONBUILD MAINTAINER', ['FROM scratch', 'ONBUILD MAINTAINER x']),
    build('ONBUILD without an instruction', ['FROM scratch', 'ONBUILD']),
    build('ONBUILD with an unknown instruction', ['FROM scratch', 'ONBUILD NONE x']),
    build('ONBUILD with an instruction that is wrong', ['FROM scratch', 'ONBUILD COPY onlyone']),
    build('ONBUILD in lower case', ['FROM scratch', 'onbuild env a=1']),
    build(
      'a trigger that copies from a stage',
      ['FROM scratch AS s', 'COPY f /f', 'FROM bases.test/onbuild-from'],
      { context },
    ),
    build('ONBUILD history', ['FROM scratch', 'ENV a=1', 'ONBUILD ENV b=1', 'ENV c=1']),
    build('null OnBuild of a base', ['FROM bases.test/null-commands', 'ENV a=1'], {
      differences: ['empty-fields'],
    }),
    build('a base with a trigger that is wrong', ['FROM bases.test/onbuild-wrong'], { context }),
    build('a base with triggers, copied from', ['FROM scratch', 'COPY --from=bases.test/onbuild / /x'], {
      context,
    }),
  ],
}
