import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Failure } from '../base/index.ts'
import { parseDockerfile } from './dockerfile.ts'

const only = (text: string) => parseDockerfile(text, 'Dockerfile').instructions[0]!

describe('RUN, CMD and ENTRYPOINT', () => {
  const cases: [rest: string, exec: string[] | undefined, shell: string, warns?: boolean][] = [
    ['["a", "b c"]', ['a', 'b c'], ''],
    ['[]', [], ''],
    ['["\\u0041\\n"]', ['A\n'], ''],
    ['["\\ud800"]', ['\ufffd'], ''],
    [' [ "a" ] ', ['a'], ''],
    ['a  b "c"', undefined, 'a  b "c"'],
    ['[ -f x ] && y', undefined, '[ -f x ] && y'],
    ["['a']", undefined, "['a']", true],
    ['["a",]', undefined, '["a",]', true],
    ['["a"', undefined, '["a"', true],
    ['["a"] b', undefined, '["a"] b', true],
    ['[“a”]', undefined, '[“a”]', true],
    ['[1e999]', undefined, '[1e999]'],
    ['', undefined, ''],
  ]
  for (const [rest, exec, shell, warns = false] of cases) {
    it(`read ${rest === '' ? 'nothing' : rest}`, () => {
      for (const keyword of ['RUN', 'CMD', 'ENTRYPOINT']) {
        const { instructions, warnings } = parseDockerfile(`${keyword} ${rest}`, 'Dockerfile')
        const [command] = instructions
        assert.ok(command && 'shell' in command && 'exec' in command)
        assert.deepEqual([command.exec, command.shell], [exec, shell])
        assert.deepEqual(
          warnings.map(({ rule }) => rule),
          warns ? ['JsonFormNotParsed'] : [],
        )
      }
    })
  }

  it('read the flags of RUN', () => {
    const run = only(
      'RUN --mount=type=cache,target=/a --mount=type=bind,from=$ --network=none --security=insecure --device=x,required b',
    )
    assert.ok(run.keyword === 'RUN')
    assert.deepEqual(
      [
        run.mounts.map(({ text }) => text),
        run.devices.map(({ text }) => text),
        run.network?.text,
        run.security?.text,
      ],
      [['type=cache,target=/a', 'type=bind,from=$'], ['x,required'], 'none', 'insecure'],
    )
  })

  for (const line of [
    'RUN ["a", 1]',
    'CMD [true]',
    'ENTRYPOINT ["a", {}]',
    'RUN --network=bridge a',
    'RUN --network= a',
    'RUN --security=x a',
    'RUN --mount=from=$x a',
    'RUN --mount= a',
    'RUN --mount=a\\"b c',
    'RUN --device=a,b c',
    'RUN --device=a,required=x c',
  ]) {
    it(`refuse ${line}`, () => assert.throws(() => only(line), Failure))
  }
})

describe('SHELL', () => {
  it('is a JSON array', () => {
    const shell = only('SHELL ["/bin/bash", "-c"]')
    assert.ok(shell.keyword === 'SHELL')
    assert.deepEqual(shell.exec, ['/bin/bash', '-c'])
  })

  for (const line of ['SHELL', 'SHELL []', 'SHELL /bin/sh -c', "SHELL ['a']", 'SHELL [1]']) {
    it(`is refused as ${line}`, () => assert.throws(() => only(line), Failure))
  }
})
