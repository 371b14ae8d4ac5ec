import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { lintCases, type LintCase } from '../../../test/lint/cases.ts'
import { Failure } from '../../base/index.ts'
import { parseDockerfile } from '../dockerfile.ts'
import { parseIgnore } from '../ignore.ts'
import type { Dockerfile } from '../instruction.ts'
import type { LintBase, LintOptions, LintReport } from './finding.ts'
import { lintDockerfile } from './lint.ts'
import { ruleNames, ruleOf, rulePage } from './rules.ts'

function lint(text: string, options: LintOptions = {}): LintReport {
  return lintDockerfile(parseDockerfile(text, 'Dockerfile'), options)
}

function lintCase({ text, buildArgs, target, ignore }: LintCase): Pick<LintReport, 'findings' | 'failure'> {
  try {
    return lint(text, {
      ...(buildArgs && { buildArgs }),
      target,
      ignore: ignore === undefined ? undefined : parseIgnore(ignore, '.dockerignore'),
    })
  } catch (error) {
    assert.ok(error instanceof Failure)
    return { findings: [], failure: error }
  }
}

for (const one of lintCases) {
  test(`lint: ${one.title}`, () => {
    const { findings, failure } = lintCase(one)
    assert.deepEqual(
      findings.map(({ rule, place }) => `${rule} ${place.line}`),
      one.expected,
    )
    if (one.failure === undefined) assert.equal(failure, undefined)
    else assert.ok(failure?.message.includes(one.failure), failure?.message)
  })
}

test('every rule has a case', () => {
  const found = new Set(lintCases.flatMap(({ expected }) => expected.map((text) => text.split(' ')[0])))
  const missing = ruleNames.filter((rule) => !found.has(rule))
  assert.deepEqual(missing, ['InvalidBaseImagePlatform'], 'it needs the config of a base')
})

test('a finding points at the word it is about, with the page of its rule', () => {
  const { findings } = lint('FROM scratch\nARG VERSION\nLABEL a=1 b="x ${VERSON}"\nWORKDIR here\n')
  assert.deepEqual(
    findings.map(({ place, ...finding }) => ({
      ...finding,
      at: [place.line, place.column, place.endColumn],
    })),
    [
      {
        rule: 'UndefinedVar',
        message: "Usage of undefined variable '$VERSON'",
        severity: 'warning',
        url: 'https://docs.docker.com/go/dockerfile/rule/undefined-var/',
        at: [3, 16, 24],
      },
      {
        rule: 'WorkdirRelativePath',
        message: 'Relative workdir "here" can have unexpected results if the base image changes',
        severity: 'warning',
        url: 'https://docs.docker.com/go/dockerfile/rule/workdir-relative-path/',
        hint: 'begin it with /',
        at: [4, 9, 13],
      },
    ],
  )
})

test('error=true makes findings errors', () => {
  const [finding] = lint('# check=error=true\nFROM scratch\nCMD a').findings
  assert.equal(finding?.severity, 'error')
})

const base: LintBase = {
  platform: { os: 'linux', architecture: 'amd64' },
  env: ['HOME=/root', 'EMPTY'],
  hasShell: true,
  onbuild: ['LABEL l=$NONE', 'COPY --from=x'],
}

function rulesOf({ findings }: LintReport): string[] {
  return findings.map(({ rule, place }) => `${rule} ${place.line}`)
}

test('on a known base its variables, shell and triggers count', () => {
  const text = 'FROM debian AS a\nENV a=$HOME b=$EMPTY c=$PATH d=$OTHER\nCMD x\nFROM a\nENV e=$HOME f=$F'
  const asked: unknown[] = []
  const report = lint(text, { base: (image, platform) => (asked.push([image, platform]), base) })
  assert.deepEqual(asked, [['debian', undefined]])
  assert.deepEqual(rulesOf(report), ['UndefinedVar 1', 'UndefinedVar 2', 'UndefinedVar 5'])
  assert.match(report.failure?.message ?? '', /COPY/)
})

test('on an unknown base a variable is missed only when it looks like a slip', () => {
  const text = 'FROM debian\nARG VERSION=1 RELEASE\nENV a=$HOME b=$VERSOIN c=$VERSON d=$RELEASES'
  const { findings } = lint(text)
  assert.deepEqual(
    findings.map(({ message }) => message),
    [
      "Usage of undefined variable '$VERSOIN' (did you mean $VERSION?)",
      "Usage of undefined variable '$VERSON' (did you mean $VERSION?)",
      "Usage of undefined variable '$RELEASES' (did you mean $RELEASE?)",
    ],
  )
  assert.deepEqual(rulesOf(lint('FROM x\nENV a=$HOME', { contexts: ['X'], base: () => base })), [])
})

test('InvalidBaseImagePlatform: a base for another platform', () => {
  const arm = { os: 'linux', architecture: 'arm64', variant: 'v8' }
  const cases: [string, LintOptions, string[]][] = [
    ['FROM debian', { targetPlatform: arm }, ['InvalidBaseImagePlatform 1']],
    ['FROM debian', {}, []],
    ['FROM --platform=$BUILDPLATFORM debian', { targetPlatform: arm, buildPlatform: base.platform }, []],
    [
      'FROM --platform=$TARGETARCH debian AS a\nFROM a',
      { targetPlatform: arm },
      ['InvalidBaseImagePlatform 1'],
    ],
  ]
  for (const [text, options, expected] of cases) {
    const plain: LintBase = { ...base, onbuild: [] }
    assert.deepEqual(rulesOf(lint(text, { ...options, base: () => plain })), expected, text)
  }
})

test('values that grow without end do no harm', () => {
  const lines = Array.from({ length: 80 }, (_, index) => `ENV a${index + 1}=$a${index}$a${index}`)
  assert.deepEqual(rulesOf(lint(`FROM scratch\nENV a0=xx\n${lines.join('\n')}`)), [])
})

test('many stages on one share its variables', () => {
  const names = Array.from({ length: 20_000 }, (_, index) => `v${index}=1`)
  const stages = Array.from({ length: 20_000 }, (_, index) => `FROM a AS s${index}\nENV w${index}=$v${index}`)
  const chain = Array.from({ length: 20_000 }, (_, index) => `FROM s${index} AS s${index + 1}\nENV w=$w`)
  assert.deepEqual(rulesOf(lint(`FROM scratch AS a\nENV ${names.join(' ')}\n${stages.join('\n')}`)), [])
  assert.deepEqual(rulesOf(lint(`FROM scratch AS s0\nENV w=1\n${chain.join('\n')}`)), [])
})

const keywords =
  'FROM from ARG ENV LABEL COPY ADD CMD ENTRYPOINT HEALTHCHECK EXPOSE WORKDIR USER ONBUILD MAINTAINER RUN SHELL'
const words =
  'AS as scratch a B $a ${b } ${c:- $$ = " \' \\ ` # check= skip=all ; error=true --from= --chown= --platform= <<E E ["x"] NONE'
const rest = '["x"] [\'x\'] 80:8/TCP linux/amd64 $TARGETPLATFORM TOKEN / . .. é \u{1f600} --mount=from=a'
const piece = fc.oneof(
  fc.constantFrom(...`${keywords} ${words} ${rest}`.split(' ')),
  fc.constantFrom('\n', '\r\n', '\\\n', '\n# check=', '\u0000', '\ud800', ' '),
)
const line = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(' '))
const anyText = fc
  .tuple(fc.constantFrom('', '# check=experimental=all\n', '# escape=`\n'), fc.array(line, { maxLength: 12 }))
  .map(([top, lines]) => `${top}FROM scratch\n${lines.join('\n')}`)

function parsed(text: string): Dockerfile | undefined {
  try {
    return parseDockerfile(text, 'Dockerfile')
  } catch {
    return undefined
  }
}

test('lint never throws, and what it finds stands in the file', () => {
  let parseable = 0
  fc.assert(
    fc.property(fc.oneof(anyText, fc.string({ unit: piece })), (text) => {
      const dockerfile = parsed(text)
      if (dockerfile === undefined) return
      parseable++
      const lines = text.replace(/^\uFEFF/u, '').split('\n')
      for (const { place, rule } of lintDockerfile(dockerfile, { ignore: parseIgnore('a\n*', 'i') })
        .findings) {
        assert.ok(ruleNames.includes(rule))
        assert.equal(lines[place.line - 1]?.replace(/\r+$/u, ''), place.lineText)
        assert.ok(place.column >= 1 && (place.endColumn ?? place.column + 1) > place.column)
      }
    }),
    { numRuns: 2000, seed: 7 },
  )
  assert.ok(parseable > 100, `only ${parseable} could be parsed`)
})

test('docs/lint.md has every rule with its description', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/lint.md'), 'utf8')
  const rows = [...page.matchAll(/^\| (\S+) \| (.*?) \|$/gmu)].map(([row]) => row).slice(1)
  const expected = ruleNames.map((rule) => {
    const address = rulePage(rule)
    const name = address === undefined ? `\`${rule}\`` : `[\`${rule}\`](${address})`
    return `| ${name} | ${ruleOf(rule).description}${ruleOf(rule).isExperimental === true ? ' (off by default)' : ''} |`
  })
  assert.deepEqual(rows, expected)
})
