import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Failure } from '../base/index.ts'
import { parseDockerfile } from './dockerfile.ts'

const parse = (head: string) => parseDockerfile(`${head}\nFROM a`, 'Dockerfile')

describe('parser directives', () => {
  const cases: [name: string, head: string, directives: string[], escape?: string][] = [
    ['are comments of the form name=value', '# syntax=a/b:1', ['syntax=a/b:1']],
    ['need no space', '#escape=`', ['escape=`'], '`'],
    ['may have spaces everywhere', '  #  escape \t = \t`  ', ['escape=`'], '`'],
    ['are case-insensitive', '# ESCAPE=`\r', ['escape=`'], '`'],
    [
      'can stand together',
      '# check=skip=all;error=true\n# escape=\\',
      ['check=skip=all;error=true', 'escape=\\'],
    ],
    ['keep spaces inside their value', '# syntax=a b  c', ['syntax=a b  c']],
    ['stand behind a byte order mark', '\uFEFF# escape=`', ['escape=`'], '`'],
    ['end with an unknown one', '# other=1\n# escape=`', []],
    ['end with a comment', '# hello\n# escape=`', []],
    ['end with an empty line', '\n# escape=`', []],
    ['end with a bare #', '#\n# escape=`', []],
    ['end with a value that is missing', '# escape=\n# escape=`', []],
    ['end with an instruction', 'ARG a\n# escape=`', []],
  ]
  for (const [name, head, expected, escape = '\\'] of cases) {
    it(name, () => {
      const { directives, ...dockerfile } = parse(head)
      assert.deepEqual(
        directives.map((directive) => `${directive.name}=${directive.value}`),
        expected,
      )
      assert.equal(dockerfile.escape, escape)
    })
  }

  for (const [head, line] of [
    ['# escape=`\n# escape=`', 2],
    ['# syntax=a\n# check=b\n# Syntax=c', 3],
    ['# escape=x', 1],
    ['# escape=\\\\', 1],
  ] as const) {
    it(`refuses ${JSON.stringify(head)}`, () => {
      assert.throws(
        () => parse(head),
        (error) => error instanceof Failure && error.code === 'DOCKERFILE_SYNTAX' && error.at?.line === line,
      )
    })
  }
})
