import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDockerfile, splitStages } from '../../dockerfile/index.ts'
import { dockerfileCopy, type DockerfileCopy } from './dockerfile-copy.ts'

function copyOf(text: string, index: number, isLast: boolean): DockerfileCopy {
  const dockerfile = parseDockerfile(text, 'Dockerfile')
  return dockerfileCopy(text, dockerfile, splitStages(dockerfile).stages[index]!, isLast)
}

const text = `# syntax=docker/dockerfile:1
ARG A
FROM x AS one
RUN <<END
echo \\
  one
END

# about two
FROM \\
  # in between
  y
RUN two
FROM one
COPY . .
`

test('the last stage is the whole file', () => {
  assert.deepEqual(copyOf(text, 2, true), { text, target: undefined })
})

test('a stage that needs no later one ends the file, here-documents and all', () => {
  const copy = copyOf(text, 0, true)
  assert.equal(copy.target, undefined)
  assert.equal(copy.text, text.slice(0, text.indexOf('\n\n# about') + 1))
})

test('a stage that needs a later one is named, by its own name or by ours', () => {
  assert.deepEqual(copyOf(text, 0, false), { text, target: 'one' })
  const copy = copyOf(text, 1, false)
  assert.equal(copy.target, 'slipway-delegated')
  const lines = copy.text.split('\n').slice(9, 13)
  assert.deepEqual(
    lines.map((line) => line.replaceAll(/ +/g, ' ')),
    ['FROM y AS slipway-delegated', '', '', 'RUN two'],
  )
  assert.equal(copy.text.split('\n').length, text.split('\n').length, 'lines keep their numbers')
})

test('a stage of FROM alone ends there', () => {
  assert.equal(copyOf('FROM a\nFROM b\nFROM c\n', 1, true).text, 'FROM a\nFROM b\n')
})
