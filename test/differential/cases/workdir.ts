/** WORKDIR: the path it means and the directory it makes. */
import { build, type CaseGroup } from '../case.ts'

const context = { f: 'f' }

export const workdirCases: CaseGroup = {
  name: 'workdir',
  cases: [
    build('a new directory', ['FROM scratch', 'WORKDIR /a/b']),
    build('relative paths join', ['FROM scratch', 'WORKDIR /a', 'WORKDIR b', 'WORKDIR ../c', 'WORKDIR ./d/']),
    build('relative to the base', ['FROM bases.test/configured', 'USER 0', 'WORKDIR below']),
    build('relative to nothing', ['FROM scratch', 'WORKDIR a']),
    build('"..", "." and "//"', ['FROM scratch', 'WORKDIR //a/./b//../c/', 'WORKDIR ../../../..']),
    build('the root', ['FROM scratch', 'WORKDIR /'], {}),
    build('a directory that is there', ['FROM bases.test/system', 'WORKDIR /usr/bin'], {
      differences: ['empty-layer'],
    }),
    build(
      'a directory of an earlier COPY',
      ['FROM scratch', 'COPY f /a/b/', 'WORKDIR /a/b', 'WORKDIR /a/c'],
      { context, differences: ['empty-layer'] },
    ),
    build('through a symbolic link', ['FROM bases.test/system', 'WORKDIR /var/run/x', 'COPY f .'], {
      context,
    }),
    build('a symbolic link to a directory', ['FROM bases.test/links', 'WORKDIR /chain', 'COPY f .'], {
      context,
      differences: ['empty-layer'],
    }),
    build('a dangling symbolic link', ['FROM bases.test/links', 'WORKDIR /dangling', 'COPY f .'], {
      context,
    }),
    build('a symbolic link to a file', ['FROM bases.test/links', 'WORKDIR /to-file']),
    build('a file', ['FROM bases.test/links', 'WORKDIR /one']),
    build('below a file', ['FROM bases.test/links', 'WORKDIR /one/two']),
    build('a loop', ['FROM bases.test/links', 'WORKDIR /self']),
    build('belongs to root although USER is a number', ['FROM scratch', 'USER 5:6', 'WORKDIR /a/b']),
    build('belongs to root although USER is a name', ['FROM bases.test/system', 'USER app', 'WORKDIR /a/b']),
    build(
      'with a USER that the image does not know',
      ['FROM bases.test/system', 'USER nobody', 'WORKDIR /a/b'],
      { differences: ['unknown-owner'] },
    ),
    build(
      'with a USER and a group that the image does not know',
      ['FROM bases.test/system', 'USER app:none', 'WORKDIR /a/b'],
      { differences: ['unknown-owner'] },
    ),
    build('with a USER without a passwd file', ['FROM scratch', 'USER app', 'WORKDIR /a/b']),
    build('USER after WORKDIR', ['FROM scratch', 'WORKDIR /a', 'USER 5', 'WORKDIR b']),
    build('the USER of the base', ['FROM bases.test/configured', 'WORKDIR /a'], {
      differences: ['unknown-owner'],
    }),
    build('below a directory that gives its group on', ['FROM bases.test/modes', 'WORKDIR /setgid/a/b']),
    build('below a directory of somebody', ['FROM bases.test/modes', 'WORKDIR /owned/a']),
    build('with a variable', ['FROM scratch', 'ARG a=x', 'WORKDIR /$a/${b:-y}']),
    build('with a variable that is empty', ['FROM scratch', 'WORKDIR /a', 'WORKDIR $none'], {
      differences: ['empty-layer'],
    }),
    build('with spaces', ['FROM scratch', 'WORKDIR /with space/x', 'WORKDIR "/quoted space"']),
    build('in the JSON form', ['FROM scratch', 'WORKDIR ["/a"]']),
    build('without an argument', ['FROM scratch', 'WORKDIR']),
    build('of a parent stage', ['FROM scratch AS a', 'WORKDIR /a', 'FROM a', 'WORKDIR b', 'COPY f .'], {
      context,
    }),
    build('of another stage is not there', ['FROM scratch AS a', 'WORKDIR /a', 'FROM scratch', 'COPY f x'], {
      context,
    }),
    build('of a base that has an empty one', ['FROM bases.test/empty-commands', 'WORKDIR x', 'COPY f .'], {
      context,
      differences: ['empty-fields'],
    }),
  ],
}
