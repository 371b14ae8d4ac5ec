/** Bases of every kind: what stays of them. */
import { bases } from '../bases.ts'
import { build, type CaseGroup } from '../case.ts'
import type { DifferenceName } from '../differences.ts'

/** Bases of which Slipway keeps more than BuildKit does, or of which it repairs the history. */
const kept: Readonly<Record<string, readonly DifferenceName[]>> = {
  'unknown-fields': ['unknown-fields'],
  'null-commands': ['empty-fields'],
  'empty-commands': ['empty-fields'],
}
const repaired: Readonly<Record<string, readonly DifferenceName[]>> = {
  'short-history': ['base-history'],
  'no-history': ['base-history'],
}

const context = { f: 'f' }

export const baseCases: CaseGroup = {
  name: 'base',
  cases: [
    ...Object.keys(bases)
      .filter((name) => !name.startsWith('onbuild'))
      .flatMap((name) => [
        build(`${name} as it is`, [`FROM bases.test/${name}`], { differences: kept[name] ?? [] }),
        build(`${name} with a file and a variable`, [`FROM bases.test/${name}`, 'COPY f /f', 'ENV x=1'], {
          context,
          differences: repaired[name] ?? kept[name] ?? [],
        }),
      ]),
    build('a tag', ['FROM bases.test/owners:latest']),
    build(
      'a file where a whiteout was',
      ['FROM bases.test/whiteouts', 'COPY f /gone', 'COPY f /keep/b', 'COPY f /link/f'],
      { context },
    ),
    build('a file in an opaque directory', ['FROM bases.test/whiteouts', 'COPY f /opaque/old'], { context }),
    build('a file in what was a file', ['FROM bases.test/whiteouts', 'COPY f /file/'], { context }),
    build('a file in what was a directory', ['FROM bases.test/whiteouts', 'COPY f /folder/x'], { context }),
    build(
      'a file in a directory that no layer lists',
      ['FROM bases.test/implicit', 'COPY f /deep/down/', 'COPY f /deep/other/x/y'],
      { context },
    ),
    build('a file in a sticky directory', ['FROM bases.test/modes', 'COPY f /sticky/', 'COPY f /sticky/a/'], {
      context,
    }),
    build(
      'a file in a directory of somebody',
      ['FROM bases.test/modes', 'COPY f /owned/inner/', 'COPY f /owned/a/'],
      { context },
    ),
    build('a file over one with a capability', ['FROM bases.test/modes', 'COPY f /capable'], { context }),
    build('a copy of one with a capability', [
      'FROM bases.test/modes AS m',
      'FROM scratch',
      'COPY --from=m /capable /tool /',
    ]),
    build('a copy of one with a capability and --chown', [
      'FROM bases.test/modes AS m',
      'FROM scratch',
      'COPY --from=m --chown=5 /capable /tool /',
    ]),
    build('a copy of everything', ['FROM bases.test/system AS s', 'FROM scratch', 'COPY --from=s / /']),
    build('a file moved within an image', [
      'FROM bases.test/system AS s',
      'FROM s',
      'COPY --from=s /usr/bin/sh /bin/bash',
    ]),
  ],
}
